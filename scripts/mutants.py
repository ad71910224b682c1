#!/usr/bin/env python3
"""Plants deliberate bugs, one at a time, and reports what finds each: the tests, and the simulated world.

All bugs are compiled into one copy of the package, each behind the number in HYPERLIQUID_MUTANT, so that the copy is
built once. The copy is kept in .build-mutants, which makes a second run shorter. Prints the table of docs/mutants.md.

    scripts/mutants.py                  all mutants
    scripts/mutants.py --only 6 41      some of them
    scripts/mutants.py --list           what they are, without running anything
    scripts/mutants.py --write          also writes the table into docs/mutants.md
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / ".build-mutants"
ENGINE = "Sources/HyperliquidEngine/"
CLIENT = "Sources/Hyperliquid/"
FEEDS = "Sources/HyperliquidWire/"
TRANSPORT = "Sources/WebSocketTransport/"


def instead(old, new):
    """Another expression in place of one."""
    return old, f"(ON ? ({new}) : ({old}))"


def without(old):
    """Statements that are left out."""
    return old, f"if !ON {{ {old} }}"


def text(old, new):
    """Code that contains ON, which holds if the mutant is switched on."""
    return old, new


# Each mutant: the file, what is wrong with it, and the code with what takes its place.
MUTANTS = [
    # Requests and their answers.
    (ENGINE + "Connections/PendingRequests.swift", "a late answer to a repeated request is not expected",
     instead("request.attempts > 1", "false")),
    (ENGINE + "Connections/PendingRequests.swift", "a late answer settles a later request",
     instead("takeLate(Key(kind: kind, feed: feed), at: now)", "false")),
    (ENGINE + "Connections/PendingRequests.swift", "a refusal for a limit hits the newest subscribe",
     instead("matching.min { $0.number < $1.number }.flatMap { settle($0.request.upstream) }",
             "matching.max { $0.number < $1.number }.flatMap { settle($0.request.upstream) }")),
    (ENGINE + "Connections/PendingRequests.swift", "a request is sent once too often",
     instead("request.attempts < maximumAttempts", "request.attempts <= maximumAttempts")),
    (ENGINE + "Connections/PendingRequests.swift", "an echo with more fields settles the least specific request",
     instead("counts.0 > counts.1", "counts.0 < counts.1")),
    (ENGINE + "Connections/PendingRequests.swift", "requests are sent again during a pause for too many messages",
     without("deadlines.set(upstream, at: instant)")),
    # Limits.
    (ENGINE + "Limits/RateLimiter.swift", "no messages are kept for pings",
     text("pingReserve: Int { limits.messagesPerMinute / 40 }",
          "pingReserve: Int { ON ? 0 : limits.messagesPerMinute / 40 }")),
    (ENGINE + "Limits/RateLimiter.swift", "a pause for too many messages is ignored",
     instead("max(pausedUntil, allowed)", "allowed")),
    (ENGINE + "Limits/RateLimiter.swift", "messages are not counted by the second",
     without("messagesInSecond.spend(at: now)")),
    (ENGINE + "Limits/RateLimiter.swift", "one user too many is asked for",
     text("active + lingering.count - userLimit(at: now) + 1",
          "active + lingering.count - userLimit(at: now) + (ON ? 0 : 1)")),
    (ENGINE + "Limits/RateLimiter.swift", "a user that lingers is forgotten when it comes and goes again",
     instead("max(slot.lingersUntil, lingersUntil)", "lingersUntil")),
    (ENGINE + "Limits/RateLimiter.swift", "one subscription too many is asked for",
     instead("subscriptionCount < subscriptionLimit(at: now)", "subscriptionCount <= subscriptionLimit(at: now)")),
    (ENGINE + "Limits/RateLimiter.swift", "actions may not use their reserve",
     instead("isOther ? actionReservePerSecond : 0", "actionReservePerSecond")),
    (ENGINE + "Limits/SlidingWindow.swift", "a full window allows one event more",
     text("guard times.count >= capacity else { return now }",
          "guard times.count >= capacity + (ON ? 1 : 0) else { return now }")),
    (ENGINE + "Limits/SlidingWindow.swift", "a reserve is not kept once the window is full",
     instead("(oldest + limit - capacity) % limit", "oldest")),
    (ENGINE + "Limits/CapEstimate.swift", "a learnt limit is never tried again",
     instead("refusal.retryAt <= now ? 1 : 0", "0")),
    (ENGINE + "Limits/CapEstimate.swift", "what the venue accepts does not raise a learnt limit",
     without("if let refusal, count > refusal.acceptedCount { self.refusal?.acceptedCount = count }")),
    # Connections.
    (ENGINE + "Connections/Backoff.swift", "waits grow without bound",
     instead("min(shortest * (1 << doublings), longest)", "shortest * (1 << doublings)")),
    (ENGINE + "Connections/Backoff.swift", "a wait may be zero",
     instead("half + Int64(draw % UInt64(max(half, 1)))", "Int64(draw % UInt64(max(half, 1)))")),
    (ENGINE + "Connections/ConnectionSlot.swift", "every close makes the waits short again",
     text("if isProven { backoff.reset() }", "if isProven || ON { backoff.reset() }")),
    (ENGINE + "Connections/ConnectionSlot.swift", "an early routine close is dialled again at once",
     instead("isProven && reason.isRoutine", "reason.isRoutine")),
    (ENGINE + "Connections/ConnectionSlot.swift", "users of a lost connection linger on the next one",
     without("load.forgetLingering()")),
    (ENGINE + "Connections/ConnectionSlot.swift", "one slot may take all dials",
     instead("dials.nextAllowed(at: now.advanced(by: wait))", "now.advanced(by: wait)")),
    (ENGINE + "Connections/Heartbeat.swift", "a quiet connection is pinged too late",
     text("            state = .heard(until: now.advanced(by: idleTimeout))",
          "            state = .heard(until: now.advanced(by: idleTimeout * (ON ? 4 : 1)))")),
    (ENGINE + "Connections/Connection.swift", "late messages of an ambiguous feed are not awaited",
     instead("ending.ambiguityKey.isAmbiguous(with: upstream.ambiguityKey)", "false")),
    (ENGINE + "Connections/SendScheduler.swift", "a suspect is asked for beside others",
     text("if poison.isSuspect(upstream.id) { return", "if poison.isSuspect(upstream.id), !ON { return")),
    # Moves.
    (ENGINE + "Subscriptions/Handover.swift", "messages of the new connection are lost during a handover",
     without("held.append(text)")),
    (ENGINE + "Subscriptions/Handover.swift", "messages of both connections come twice",
     text("held.drop { isRepeated($0) }", "held.drop { !ON && isRepeated($0) }")),
    (ENGINE + "Subscriptions/Handover.swift", "the loss of the old connection is not announced",
     instead("isLost || isDoubtful", "isDoubtful")),
    (ENGINE + "Subscriptions/SubscriptionMover.swift", "a move without a snapshot announces no gap",
     text("if original.traits.snapshot == .none || !isCertain {",
          "if !ON, original.traits.snapshot == .none || !isCertain {")),
    (ENGINE + "Subscriptions/SubscriptionMover.swift", "a cancelled handover keeps the old route",
     text("if state.isSwitched { turn.effects", "if state.isSwitched, !ON { turn.effects")),
    # Subscriptions.
    (ENGINE + "Subscriptions/SubscriptionRegistry.swift", "a lost connection causes no gap",
     text("if upstream.isLive, hasGap {", "if upstream.isLive, hasGap, !ON {")),
    (ENGINE + "Subscriptions/SubscriptionRegistry.swift", "a confirmed subscription still times out",
     without("for id in ids { deadlines.cancel(id) }")),
    (ENGINE + "Engine+Facts.swift", "a gap is not announced when a feed is live again",
     text("if let gap = registry.takeGap(of: id) {", "if let gap = registry.takeGap(of: id), !ON {")),
    (ENGINE + "Engine+Facts.swift", "a subscribe that is answered late is not unsubscribed",
     text("where upstream.isLeaving: queueUnsubscribe(request.upstream)",
          "where upstream.isLeaving: if !ON { queueUnsubscribe(request.upstream) }")),
    (ENGINE + "Engine+Facts.swift", "no time is left for late messages after an unsubscribe",
     instead("turn.now.advanced(by: configuration.flightTime)", "turn.now")),
    (ENGINE + "Engine.swift", "an unsubscribe does not wait for the answer to the subscribe",
     instead("pool.isAnswerDue(to: id, on: connection) != true", "true")),
    (ENGINE + "Engine+Closes.swift", "a handover goes on after its old connection was lost",
     without("mover.cancelHandover(of: id, &turn)")),
    (ENGINE + "Subscriptions/StalenessMonitor.swift", "a silent feed is asked for again without a wait",
     instead("min(shortestStaleness * (1 << doublings), max(shortestStaleness, Self.longestWait))", "Duration.zero")),
    (ENGINE + "Subscriptions/BaseLossBackoff.swift", "a lost base is asked for again at once, for ever",
     text("guard time <= now else {", "guard time <= now || ON else {")),
    # Guilt.
    (ENGINE + "Subscriptions/PoisonDetector.swift", "a suspect is condemned although no other connection held",
     instead("isHeld || others.isEmpty", "true")),
    (ENGINE + "Subscriptions/PoisonDetector.swift", "a kill counts on a connection that had not held before",
     instead("death.openedAt <= heldSince", "true")),
    (ENGINE + "Subscriptions/PoisonDetector.swift", "a verdict falls within the first seconds",
     instead("suspect.since.advanced(by: span) <= now", "true")),
    (ENGINE + "Subscriptions/PoisonDetector.swift", "deaths without a candidate drop no evidence",
     text("if asked.isEmpty, answered.isEmpty, !death.isRoutine {",
          "if !ON, asked.isEmpty, answered.isEmpty, !death.isRoutine {")),
    (ENGINE + "Subscriptions/PoisonDetector.swift", "a quarantine never ends",
     text("let end = quarantined[request], end > now else", "let end = quarantined[request], end > now || ON else")),
    (ENGINE + "Subscriptions/TrialQueue.swift", "several suspects are tried on one connection at once",
     instead("slot.memberCount == 0", "true")),
    # Placement.
    (ENGINE + "Placement/Placement.swift", "ambiguous feeds share a connection",
     text("if load.isAmbiguous(with: item.ambiguityKey) {", "if !ON, load.isAmbiguous(with: item.ambiguityKey) {")),
    (ENGINE + "Placement/Placement.swift", "a connection carries one subscription too many",
     instead("load.count >= capacity(of: load.kind)", "load.count > capacity(of: load.kind)")),
    # Posts.
    (ENGINE + "Posts/PostTracker.swift", "an action is sent again after its connection was lost",
     text("            if entries[id]?.kind == .info {\n", "            if ON || entries[id]?.kind == .info {\n")),
    (ENGINE + "Posts/PostTracker.swift", "a sent action that is given up counts as not sent",
     instead("entries[id]?.kind == .info ? .harmless : .unknownOutcome", ".harmless")),
    (ENGINE + "Posts/PostTracker.swift", "an answer on another connection is taken",
     text("guard entries[id]?.state.connection == connection else { return false }",
          "guard ON || entries[id]?.state.connection == connection else { return false }")),
    (ENGINE + "Posts/PostTracker.swift", "one post too many is in flight",
     instead("inFlightCount >= limit", "inFlightCount > limit")),
    # Turns.
    (TRANSPORT + "TurnScheduler.swift", "a fact that matters is forgotten behind one that does not",
     text("        if isNews {\n", "        if isNews, !ON || debt == .none {\n")),
    (TRANSPORT + "TurnScheduler.swift", "the deadline is not set again after a step",
     text("        debt = .deadline\n        return true", "        debt = ON ? .none : .deadline\n        return true")),
    (TRANSPORT + "TurnScheduler.swift", "a read never ends",
     text("if isStepDue { return .step }\n        isReading = false", "if isStepDue { return .step }\n        isReading = ON")),
    # Dispatchers and buffers.
    (FEEDS + "Dispatch/FeedDispatcher.swift", "late joiners are not told of the rows that are not held",
     without("rows.snapshotWasMissed()")),
    (FEEDS + "Dispatch/FeedDispatcher.swift", "a state from before a gap is given to new subscribers",
     text("        announceFaultGap()\n        forgetState()\n", "        announceFaultGap()\n        if !ON { forgetState() }\n")),
    (FEEDS + "Dispatch/FeedSubscriber.swift", "dropped events are not announced",
     without("gap = gap?.covering(lost) ?? lost")),
    (FEEDS + "Dispatch/FeedSubscriber.swift", "of two gaps that are joined, the later one is lost",
     instead(".gap(gap.covering(later))", ".gap(gap)")),
    (FEEDS + "Feed/ReplayMemory.swift", "a replay repeats rows that were delivered",
     text("where !delivered.contains(key(row)) {", "where ON || !delivered.contains(key(row)) {")),
    (FEEDS + "Feed/VenueClock.swift", "the slowest message tells the venue's clock",
     instead("max(presentOffset ?? offset, offset)", "min(presentOffset ?? offset, offset)")),
    (CLIENT + "Delivery/EventBuffer.swift", "events that do not fit are not counted",
     text("hasOverflowed = true\n                    state.droppedCount += batch.dataCount",
          "hasOverflowed = true\n                    state.droppedCount += ON ? 0 : batch.dataCount")),
    (CLIENT + "Delivery/EventBuffer.swift", "a buffer that drops keeps one event too many",
     text("if state.placeCount > limit { Self.dropOldest", "if state.placeCount > limit + (ON ? 1 : 0) { Self.dropOldest")),
    (CLIENT + "Delivery/EventBuffer.swift", "the gap of dropped events is lost",
     instead("state.skippedCount > 0 || state.leadingGap != nil", "state.skippedCount > 0")),
    (CLIENT + "Runtime/MessageReceiver.swift", "old states of a frozen feed count as news",
     text("if dispatcher.ticks, dispatcher.isTimely(at: now) {", "if dispatcher.ticks, dispatcher.isTimely(at: now) || ON {")),
    (CLIENT + "Runtime/MessageReceiver.swift", "what follows the first message of a text is ignored",
     without("if reader.byteOffset != reader.byteCount { receiveFollowing(text, reader) }")),
    (CLIENT + "Runtime/UpstreamDispatcher.swift", "a detached connection counts as attached",
     text("connections.removeAll { $0 == connection }", "connections.removeAll { !ON && $0 == connection }")),
    # The weight of requests.
    (ENGINE + "Posts/PostTracker.swift", "a question is sent although its weight does not fit",
     text("urgency != .other || turn.mayAsk(weight: weight)", "ON || urgency != .other || turn.mayAsk(weight: weight)")),
    (ENGINE + "Engine.swift", "what answers add to the weight is not counted",
     without("turn.limiter.countRequest(weight: addedWeight, at: turn.now)")),
    (ENGINE + "Posts/PostTracker.swift", "questions go on although the requests weigh too much",
     without("turn.limiter.pauseQuestions(until: instant)")),
    (ENGINE + "Posts/PostTracker.swift", "a refusal is told to a caller that has left",
     text("if answer(id, on: connection), isAwaited {", "if answer(id, on: connection), ON || isAwaited {")),
    # Listings.
    (CLIENT + "Listings/ListingState.swift", "an old answer refuses a coin that may have been listed since",
     text("guard isNewest ||", "guard ON || isNewest ||")),
    (CLIENT + "Listings/ListingState.swift", "what an answer did not explain is asked about again and again",
     instead("Set(universe.unexplained(asked.shown + settled))", "[]")),
    (CLIENT + "Listings/ListingState.swift", "an answer about outcomes makes all listings new",
     text("if question == .everything { answeredAt", "if ON || question == .everything { answeredAt")),
    (CLIENT + "Listings/ListingState.swift", "evidence asks without a pause",
     text("guard askedAt.duration(to: now) >= evidencePause else", "guard ON || askedAt.duration(to: now) >= evidencePause else")),
    (CLIENT + "Listings/ListingFollower.swift", "a coin that one answer leaves out is ended",
     text("} else if wasMissing, !isAlive(coin) {", "} else if ON || wasMissing, !isAlive(coin) {")),
    (CLIENT + "Listings/ListingFollower.swift", "a coin that brings data is ended because two answers leave it out",
     text("wasMissing, !isAlive(coin) {", "wasMissing, ON || !isAlive(coin) {")),
    (CLIENT + "Listings/ListingFollower.swift", "a coin that is listed again is not followed again",
     without("for coin in changes.ended.keys { isMissing[coin] = nil }")),
]

# Why a mutant that nothing finds is left, by its description.
REASONS: dict[str, str] = {}

GLOBAL = """
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The mutant that is switched on; 0 for none.
let activeMutant: Int = unsafe getenv("HYPERLIQUID_MUTANT").flatMap { unsafe Int(String(cString: $0)) } ?? 0
"""


def copy_with_mutants():
    """Writes the copy of the package, with every mutant in it."""
    COPY.mkdir(exist_ok=True)
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, text=True, capture_output=True)
    sources = {}
    for name in files.stdout.split("\n"):
        if name and (ROOT / name).is_file() and not name.startswith(("Benchmarks/", "Examples/", "docs/", "Fuzz/")):
            sources[name] = (ROOT / name).read_bytes()
    for number, (name, what, (old, new)) in enumerate(MUTANTS, 1):
        source = sources[name].decode()
        if source.count(old) != 1:
            raise SystemExit(f"mutant {number} ({what}): {name} has this {source.count(old)} times, not once:\n{old}")
        sources[name] = source.replace(old, re.sub(r"\bON\b", f"(activeMutant == {number})", new)).encode()
    for directory in [ENGINE, CLIENT, FEEDS, TRANSPORT]:
        sources[directory + "ActiveMutant.swift"] = GLOBAL.encode()
    for path in COPY.rglob("*.swift"):
        name = str(path.relative_to(COPY))
        if not name.startswith(".build") and name not in sources:
            path.unlink()
    for name, content in sources.items():
        target = COPY / name
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def first_finding(command, number, pattern, timeout):
    """Runs a command with a mutant switched on until its output shows a finding.

    Returns the finding, `hangs`, `crashes`, or `None` if the command succeeded."""
    process = subprocess.Popen(
        ["stdbuf", "-oL", *command], cwd=COPY, env=dict(os.environ, HYPERLIQUID_MUTANT=str(number)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    hangs = threading.Event()
    watch = threading.Timer(timeout, lambda: (hangs.set(), end(process)))
    watch.start()
    found = None
    for line in process.stdout:
        if match := re.search(pattern, line):
            found = match.group(1)
            break
    watch.cancel()
    if found is None:
        process.wait()
    end(process)
    process.wait()
    if found or hangs.is_set():
        return found or "hangs"
    return "crashes" if process.returncode else None


def end(process):
    """Ends a command with its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def examine(number, seeds):
    """What the tests, and what the world, say about a mutant."""
    test = r'✘ Test "([^"]+)"'
    with concurrent.futures.ThreadPoolExecutor() as pool:
        tests = pool.submit(first_finding, TESTS, number, test, 300)
        world = pool.submit(first_finding, [*WORLD, "--seeds", str(seeds)], number, r"^FAILED --world (\w+ --seed \d+)", 600)
        return tests.result(), world.result()


# Placement's searches over random sets take longer than all the others and are not in the parts in question.
TESTS = [
    "swift", "test", "--skip-build", "--skip", "PlacementMinimumTests|PlacementIsolatedTests|PlacementMoveTests",
    "--filter",
    "HyperliquidEngineTests|HyperliquidWireTests.*(Replay|Clock|Dispatch|Held|Subscriber|LateJoin)|TurnScheduler|"
    "HyperliquidTests.(KnownCoins|FollowedMarkets|EventBuffer|EventAccounting|MessageReceiver|FollowingEnvelopes|Subscriber|Liveness|Gap|Slow|Sharing)",
]
WORLD = [".build/release/WorldRunner", "--world", "all", "--steps", "0", "--jobs", "1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="run these mutants")
    parser.add_argument("--seeds", type=int, default=12, help="the seeds of each world that may find a mutant; 12 by default")
    parser.add_argument("--skip-build", action="store_true", help="run what was built before")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--write", action="store_true", help="write the table into docs/mutants.md")
    options = parser.parse_args()
    numbers = options.only or range(1, len(MUTANTS) + 1)
    if options.list:
        for number in numbers:
            print(f"{number:3}  {MUTANTS[number - 1][0]}: {MUTANTS[number - 1][1]}")
        return
    if not options.skip_build:
        copy_with_mutants()
        subprocess.run(["swift", "build", "--build-tests"], cwd=COPY, check=True)
        subprocess.run(["swift", "build", "-c", "release", "--product", "WorldRunner"], cwd=COPY, check=True)
    rows = []
    survivors = []
    for number in [0, *numbers]:
        start = time.monotonic()
        by_tests, by_world = examine(number, options.seeds)
        if number == 0:
            if by_tests or by_world:
                raise SystemExit(f"without a mutant, the tests or the world fail: {by_tests}, {by_world}")
            continue
        name, what, _ = MUTANTS[number - 1]
        if not by_tests and not by_world and what not in REASONS:
            survivors.append(number)
        world = (by_world or "–").replace(" --seed", "")
        found = by_tests or REASONS.get(what, "–")
        rows.append(f"| {number} | `{pathlib.Path(name).stem}` | {what} | {found} | {world} |")
        print(rows[-1], f"({time.monotonic() - start:.0f} s)", flush=True)
    if options.write:
        page = ROOT / "docs/mutants.md"
        before = page.read_text().split("| | ")[0]
        page.write_text(before + "\n".join(["| | Part | Bug | Found by the test | Found by the world |", "| --- | --- | --- | --- | --- |", *rows]) + "\n")
    if survivors:
        raise SystemExit(f"nothing finds {survivors}")


if __name__ == "__main__":
    main()
