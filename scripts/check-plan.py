#!/usr/bin/env python3
"""Judges `hyperliquid plan` by a reading of its own of what messages show of their subscription and of the limits.

Random sets of feeds and random traces, from seeds: no two feeds of a lane can be confused, no limit is passed, each
feed has one place or names the limit that keeps it out, packed lanes are as few as can be, isolated ones literal, and
a trace moves only what must move.

Usage: scripts/check-plan.py [--program PATH] [--seeds N] [--seconds N] [--seed N] [--trace-length N] [--record FILE]
A disagreement prints its seed; `--seed N` runs that one alone and shows its input."""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from itertools import combinations

# Which fields of the request a data message shows (the venue's table of identity and ambiguity).
SHOWN = {
    "allMids": ["dex"], "l2Book": ["coin"], "bbo": ["coin"], "trades": ["coin"], "activeAssetCtx": ["coin"],
    "candle": ["coin", "interval"], "assetCtxs": ["dex"], "spotAssetCtxs": [], "allDexsAssetCtxs": [],
    "fastAssetCtxs": [], "outcomeMetaUpdates": [], "notification": [], "orderUpdates": [], "userEvents": [],
    "userFills": ["user"], "userFundings": ["user"], "userNonFundingLedgerUpdates": ["user"],
    "userHistoricalOrders": ["user"], "userTwapSliceFills": ["user"], "userTwapHistory": ["user"],
    "twapStates": ["user", "dex"], "openOrders": ["user", "dex"], "clearinghouseState": ["user", "dex"],
    "allDexsClearinghouseState": ["user"], "spotState": ["user"], "activeAssetData": ["user", "coin"],
    "webData3": ["user"], "explorerBlock": [], "explorerTxs": [],
}
LIMITS = {"connections": 10, "spareConnections": 0, "dialsPerMinute": 25, "subscriptions": 950, "users": 10,
          "messagesPerMinute": 1800, "messagesPerSecond": 50, "sharedPerConnection": 200}


# Where each plan that is printed is recorded, if anywhere.
record = None


class Feed:
    """A request as it was given, and what it is to the venue."""

    def __init__(self, given):
        self.given = given
        self.type = given["type"]
        # Fields at their defaults are not there; a user has no capital letters.
        fields = {name: value for name, value in given.items() if value not in (None, False, "") and name != "type"}
        if "user" in fields:
            fields["user"] = fields["user"].lower()
        self.user = fields.get("user")
        self.identity = (self.type, tuple(sorted(fields.items())))
        self.is_known = self.type in SHOWN
        self.endpoint = "explorer" if self.type.startswith("explorer") else "api"
        self.channel = "user" if self.type == "userEvents" else self.type
        if self.type == "activeAssetCtx" and any(mark in fields["coin"] for mark in "@#/"):
            self.channel = "activeSpotAssetCtx"
        self.shown = tuple(fields.get(name, "") for name in SHOWN.get(self.type, []))
        self.kind = "userGrouped" if self.user else "shared"
        if self.type in ("l2Book", "explorerBlock", "explorerTxs") or not (self.is_known or self.user):
            self.kind = "dedicated"

    def looks_like(self, other):
        """Whether a message of one could be taken for one of the other; of unknown types nothing can be told."""
        if (self.endpoint, self.channel) != (other.endpoint, other.channel) or self.identity == other.identity:
            return False
        return not (self.is_known and other.is_known) or self.shown == other.shown

    def line(self, draw):
        """A spelling of it on standard input."""
        names = [name for name in self.given if name != "type"]
        main = next((name for name in ("user", "coin", "dex") if name in names), None)
        if not self.is_known or draw.random() < 0.5 or any(self.given[name] in (None, "") for name in names):
            items = list(self.given.items())
            draw.shuffle(items)
            return json.dumps(dict(items))
        words = [str(self.given[main])] if main else []
        words += [f"{name}={self.given[name]}".replace("=True", "=true").replace("=False", "=false") for name in names if name != main]
        return self.type + (":" + ",".join(words) if words else "")


def lanes_needed(feeds, rules, most):
    """The fewest lanes for a small set, by trying every way; None when more than `most` are needed."""
    feeds = sorted(feeds, key=lambda feed: -sum(feed.looks_like(other) for other in feeds))
    best = [most + 1]
    lanes = []

    def place(position):
        if len(lanes) >= best[0]:
            return
        if position == len(feeds):
            best[0] = len(lanes)
            return
        feed = feeds[position]
        for lane in lanes:
            if rules.takes(lane, feed):
                lane.append(feed)
                place(position + 1)
                lane.pop()
        lanes.append([feed])
        place(position + 1)
        lanes.pop()

    place(0)
    return best[0] if best[0] <= most else None


def fewest_changes(lanes, feed, rules, most):
    """How many feeds must change their lane, at least, so that one more finds room; by trying every way up to `most`."""
    everything = [(number, other) for number, lane in enumerate(lanes) for other in lane]
    for count in range(most):
        for moved in combinations(everything, count):
            rest = [[other for other in lane if (number, other) not in moved] for number, lane in enumerate(lanes)]
            if can_add([feed] + [other for _, other in moved], rest, rules):
                return count
    return most


def can_add(feeds, lanes, rules):
    if not feeds:
        return True
    for lane in lanes + ([[]] if len(lanes) < rules.most_lanes else []):
        # An empty lane may become one of another endpoint.
        if not lane or rules.takes(lane, feeds[0]):
            others = [other for other in lanes if other is not lane]
            if can_add(feeds[1:], others + [lane + [feeds[0]]], rules):
                return True
    return False


def lanes_at_least(feeds, rules):
    """No arrangement of a set, however large, has fewer lanes."""
    total = 0
    for endpoint in ("api", "explorer"):
        own = [feed for feed in feeds if feed.endpoint == endpoint]
        if not own:
            continue
        places = sum(alike([feed for feed in own if feed.user == user]) for user in {f.user for f in own if f.user})
        total += max(alike(own), -(-len(own) // rules.feeds_each), -(-places // rules.users_each))
    return total


def alike(feeds):
    """The size of a set of which any two look alike: of a channel all that is unknown, and the largest of one look."""
    channels = defaultdict(lambda: [0, Counter()])
    for feed in feeds:
        if feed.is_known:
            channels[feed.endpoint, feed.channel][1][feed.shown] += 1
        else:
            channels[feed.endpoint, feed.channel][0] += 1
    return max((odd + max(looks.values(), default=0) for odd, looks in channels.values()), default=0)


class Rules:
    """The limits of one run."""

    def __init__(self, policy, given):
        self.policy = policy
        self.limits = {**LIMITS, **given}
        self.given = given
        self.feeds_each = given.get("subscriptionsPerConnection", self.limits["subscriptions"])
        self.users_each = given.get("usersPerConnection", self.limits["users"])
        self.most_lanes = max(1, self.limits["connections"] - self.limits["spareConnections"])
        self.arguments = ["--policy", policy]
        for name, value in given.items():
            self.arguments += ["--limit", f"{name}={value}"]

    def takes(self, lane, feed):
        """Whether `feed` may go beside what is on a lane."""
        if len(lane) >= self.feeds_each or lane[0].endpoint != feed.endpoint:
            return False
        if any(feed.looks_like(other) for other in lane):
            return False
        if len({other.user for other in lane if other.user} | ({feed.user} - {None})) > self.users_each:
            return False
        if self.policy == "packed":
            return True
        if feed.kind == "dedicated" or any(other.kind != feed.kind for other in lane):
            return False
        if feed.kind == "userGrouped":
            return all(other.user == feed.user for other in lane)
        return len(lane) < self.limits["sharedPerConnection"]


class Disagreement(Exception):
    pass


def hold(what, *details):
    if not what:
        raise Disagreement(": ".join(map(str, details)))


# MARK: What is asked

class Asker:
    """Feeds and limits from a seed, from few parameters, so that many look alike."""

    def __init__(self, seed, coins=("BTC", "ETH", "@107", "PURR/USDC", "#14720", "xyz:SP500")):
        self.draw = random.Random(seed)
        self.coins = coins
        self.share_of_books = self.draw.choice([0.2, 0.6])
        self.users = ["0x" + f"{self.draw.getrandbits(156):039x}" + "aBc"[n % 3] for n in range(self.draw.randint(1, 8))]

    def feed(self):
        pick, chance, coins = self.draw.choice, self.draw.random, self.coins
        coin, dex = pick(coins), pick(["", "xyz", "ALL_DEXS"])
        user = pick(self.users)
        user = "0x" + user[2:].upper() if chance() < 0.2 else user
        roll = chance()
        if roll < self.share_of_books:
            figures = pick([None, 2, 3, 4, 5, 5])
            given = {"type": "l2Book", "coin": coin, "nSigFigs": figures, "fast": chance() < 0.3}
            if figures == 5:
                given["mantissa"] = pick([None, 2, 5])
            return Feed({n: v for n, v in given.items() if v not in (None, False) or chance() < 0.2})
        if roll < self.share_of_books + 0.1:
            odd = pick(["l2", "newFeed", "user", "activeSpotAssetCtx"])
            return Feed({"type": odd, **({"user": user} if odd == "user" else {"coin": coin, "nSigFigs": pick([2, 3])})})
        type = pick([name for name in SHOWN if name != "l2Book"])
        given = {"type": type}
        for name in SHOWN[type] + (["user"] if type in ("notification", "orderUpdates", "userEvents") else []):
            given[name] = {"coin": coin, "interval": pick(["1m", "1h"]), "user": user, "dex": dex}[name]
        if type in ("assetCtxs", "clearinghouseState"):
            given["dex"] = pick(["", "xyz"])
        if type in ("userFills", "spotState") and chance() < 0.6:
            given["aggregateByTime" if type == "userFills" else "ignorePortfolioMargin"] = chance() < 0.7
        if given.get("dex") == "" and chance() < 0.5:
            del given["dex"]
        return Feed(given)

    def rules(self, is_large=False, is_scarce=False):
        draw = self.draw
        policy = "packed" if draw.random() < 0.7 else "isolated"
        given = {"connections": draw.randint(2, 4)} if is_scarce else {}
        choices = {"connections": [1, 2, 3, 4, 6, 40], "spareConnections": [1, 2], "dialsPerMinute": [1, 2, 30],
                   "subscriptions": [3, 5, 20], "subscriptionsPerConnection": [1, 2, 3, 5], "users": [1, 2, 3, 30],
                   "usersPerConnection": [1, 2, 3], "messagesPerMinute": [3, 100], "messagesPerSecond": [1, 5],
                   "sharedPerConnection": [1, 2, 3]}
        if is_large:
            choices = {"connections": [10, 40, 100], "subscriptions": [1000], "users": [30, 100],
                       "subscriptionsPerConnection": [100, 250], "usersPerConnection": [10, 15]}
        for name, values in choices.items():
            if name not in given and draw.random() < (0.6 if is_large else 0.25):
                given[name] = draw.choice(values)
        if given.get("connections", 10) <= given.get("spareConnections", 0):
            del given["spareConnections"]
        return Rules(policy, given)


def run(program, rules, lines, *options):
    """The plans printed, one a line."""
    command = [program, "plan", "-", "--json", *options, *rules.arguments]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    if record:
        print(" ".join(command[1:]), done.stdout, sep="\n", end="", file=record)
    hold(done.returncode in (0, 1), "exit status", done.returncode, done.stderr.strip()[:500])
    plans = [json.loads(line) for line in done.stdout.splitlines()]
    hold(plans and (done.returncode == 1) == any(plan["unplaced"] for plan in plans), "exit status", done.returncode)
    return plans


# MARK: What is answered

class Answer:
    """A plan, read."""

    def __init__(self, plan):
        self.plan = plan
        self.lanes = {lane["lane"]: [Feed(given) for given in lane["feeds"]] for lane in plan["lanes"]}
        self.placed = [feed for lane in self.lanes.values() for feed in lane]
        self.unplaced = [(Feed(item["feed"]), item["limit"]) for item in plan["unplaced"]]
        self.place = {feed.identity: number for number, lane in self.lanes.items() for feed in lane}


def judge(answer, wanted, rules, is_trace=False):
    """What must hold of every plan."""
    given = {feed.identity: feed.given for feed in reversed(wanted)}
    shown = [feed.identity for feed in answer.placed] + [feed.identity for feed, _ in answer.unplaced]
    hold(sorted(map(str, shown)) == sorted(map(str, given)), "not each feed is shown once", shown)
    for lane in answer.plan["lanes"]:
        feeds = answer.lanes[lane["lane"]]
        hold(feeds, "an empty lane", lane)
        hold(all(feed.endpoint == lane["endpoint"] for feed in feeds), "a feed at the wrong endpoint", lane)
        kinds = {feed.kind for feed in feeds}
        hold(lane["kind"] == (kinds.pop() if len(kinds) == 1 else "mixed"), "the wrong kind", lane)
        for one, other in combinations(feeds, 2):
            hold(not one.looks_like(other), "confusable on one lane", one.given, other.given)
        for position, feed in enumerate(feeds):
            hold(position == 0 or rules.takes(feeds[:position], feed), "does not belong there", feed.given, lane)
    hold(len({lane["lane"] for lane in answer.plan["lanes"]}) == len(answer.lanes), "two lanes of one number")
    judge_limits(answer, rules)
    for feed, limit in answer.unplaced:
        judge_refusal(feed, limit, answer, rules, is_trace)


def judge_limits(answer, rules):
    users = {feed.user for feed in answer.placed if feed.user}
    hold(len(answer.lanes) <= rules.most_lanes, "more lanes than allowed", len(answer.lanes))
    hold(len(answer.placed) <= rules.limits["subscriptions"], "more subscriptions than allowed")
    hold(len(users) <= rules.limits["users"], "more users than allowed", users)
    for name, row in answer.plan["limits"].items():
        hold(row["used"] <= row["limit"], "more used than allowed", name, row)
        expected = {"subscriptionsPerConnection": rules.feeds_each, "usersPerConnection": rules.users_each}
        hold(row["limit"] == expected.get(name, rules.limits.get(name, 90)), "not the limit given", name, row)
    used = {name: row["used"] for name, row in answer.plan["limits"].items()}
    hold(used["connections"] == len(answer.lanes), "connections used", used)
    hold(used["subscriptions"] == len(answer.placed), "subscriptions used", used)
    hold(used["users"] >= len(users), "users used", used)


def judge_refusal(feed, limit, answer, rules, is_trace):
    """What has no place really has none, for the limit that is named."""
    users = {other.user for other in answer.placed if other.user}
    if limit == "subscriptions":
        hold(len(answer.placed) == rules.limits["subscriptions"], "subscriptions are left for", feed.given)
    elif limit == "users":
        hold(feed.user and feed.user not in users, "is no new user", feed.given)
        hold(answer.plan["limits"]["users"]["used"] == rules.limits["users"], "users are left for", feed.given)
    else:
        hold(limit == "connections", "no such limit", limit)
        hold(not any(rules.takes(lane, feed) for lane in answer.lanes.values()), "has room", feed.given)
        hold(len(answer.lanes) == rules.most_lanes, "connections are left for", feed.given)
        if rules.policy != "packed" or len(answer.placed) > 9:
            return
        if is_trace:
            # What is live is moved for others, but not all of it: one move at least is always found.
            hold(fewest_changes(list(answer.lanes.values()), feed, rules, 2) > 1, "fits after a move", feed.given)
        else:
            needed = lanes_needed(answer.placed + [feed], rules, rules.most_lanes)
            hold(needed is None, "fits", feed.given, needed)


def judge_count(answer, rules, figures):
    """Packed lanes are as few as can be; isolated ones are one for each that is literally apart."""
    if rules.policy == "packed":
        bound = lanes_at_least(answer.placed, rules)
        if len(answer.placed) <= 10:
            bound = lanes_needed(answer.placed, rules, len(answer.lanes))
        figures["exact" if len(answer.placed) <= 10 else "bounded"] += 1
        hold(len(answer.lanes) == bound, "lanes", len(answer.lanes), "instead of", bound)
        return
    kinds = Counter(feed.kind for feed in answer.placed)
    lanes = Counter(lane["kind"] for lane in answer.plan["lanes"])
    hold(lanes["dedicated"] == kinds["dedicated"], "lanes of dedicated feeds", lanes)
    each = min(rules.limits["sharedPerConnection"], rules.feeds_each)
    hold(lanes["shared"] == -(-kinds["shared"] // each), "lanes of shared feeds", lanes)
    own = defaultdict(list)
    for feed in answer.placed:
        if feed.user:
            own[feed.user].append(feed)
    if rules.feeds_each >= max(map(len, own.values()), default=0):
        hold(lanes["userGrouped"] == sum(map(alike, own.values())), "lanes of users", lanes)


def judge_time(answer, rules):
    """All is live as soon as the dials and messages allowed have been made, if the venue answers at once."""
    def times(ready, windows):
        done = []
        for moment in sorted(ready):
            for count, span in windows:
                if len(done) >= count:
                    moment = max(moment, done[-count] + span)
            done.append(max([moment] + done[-1:]))
        return done
    dials = times([0] * len(answer.lanes), [(rules.limits["dialsPerMinute"], 60_000)])
    ready = [moment for moment, lane in zip(dials, answer.lanes.values()) for _ in lane]
    minute = rules.limits["messagesPerMinute"]
    # A fortieth of a minute's messages is kept back for pings.
    soonest, latest = (times(ready, [(count, 60_000), (rules.limits["messagesPerSecond"], 1000)])[-1:]
                       for count in (minute, minute - minute // 40))
    hold(soonest <= [answer.plan["live_after_ms"]] <= latest or not ready, "live after",
         answer.plan["live_after_ms"], soonest, latest)


def judge_moves(before, after, added, rules, figures):
    """Moves are told, are between lanes that stay, and are made only for what finds no room without."""
    changed = {identity for identity, lane in after.place.items() if before.place.get(identity, lane) != lane}
    told = {Feed(move["feed"]).identity: move for move in after.plan["moves"]}
    hold(changed == set(told), "moves told", sorted(told), "and made", sorted(changed))
    for identity, move in told.items():
        hold((move["from"], move["to"]) == (before.place[identity], after.place[identity]), "a move told wrongly", move)
        hold(move["why"], "a move without a reason", move)
    figures["moves"] += len(told)
    figures["longest"] = max(figures["longest"], len(told))
    if not told:
        return
    # Something that had no place before has one now, or nothing had to move.
    new = [feed for feed in after.placed if feed.identity not in before.place]
    hold(new, "moves, and nothing finds room by them", told)
    hold(len(before.lanes) == rules.most_lanes, "moves though a connection is left", told)
    for feed in new:
        if len(new) == 1:
            hold(not any(rules.takes(lane, feed) for lane in before.lanes.values()), "had room without a move", feed.given)
            # Where users may linger, more may have to move than can be seen.
            if "usersPerConnection" not in rules.given and rules.limits["users"] >= 8:
                fewest = fewest_changes(list(before.lanes.values()), feed, rules, len(told))
                hold(fewest == len(told), "moves", len(told), "instead of", fewest)


# MARK: Runs

def check_set(program, seed, figures, shows=False, is_large=False):
    asker = Asker(seed)
    draw, rules = asker.draw, asker.rules(is_large)
    count = draw.randint(100, 1000) if is_large else draw.choice([draw.randint(1, 10), draw.randint(1, 40)])
    if is_large:
        asker.users = [f"0x{n:040x}" for n in range(1, draw.choice([3, 10, 25]) + 1)]
        asker.coins = [f"C{n}" for n in range(400)]
    wanted = [asker.feed() for _ in range(count)]
    lines = [feed.line(draw) for feed in wanted]
    if shows:
        print(rules.arguments, *lines, sep="\n")
    plan = run(program, rules, lines)[0]
    answer = Answer(plan)
    figures["sets"] += 1
    judge(answer, wanted, rules)
    if not answer.unplaced or rules.policy == "isolated" or len(answer.placed) <= 10:
        judge_count(answer, rules, figures)
    if not answer.unplaced:
        judge_time(answer, rules)


def check_trace(program, seed, figures, length, shows=False, most=14):
    asker = Asker(seed, coins=["BTC", "ETH"])
    draw, rules = asker.draw, asker.rules(is_scarce=True)
    present, steps = [], []
    while len(steps) < length:
        if present and (len(present) >= most or draw.random() < 0.35):
            steps.append(("remove", present.pop(draw.randrange(len(present)))))
        else:
            # Now and then a feed is wanted twice.
            feed = draw.choice(present) if present and draw.random() < 0.05 else asker.feed()
            present.append(feed)
            steps.append(("add", feed))
    lines = [json.dumps({"op": op, "feed": feed.given}) for op, feed in steps]
    if shows:
        print(rules.arguments, *lines, sep="\n")
    plans = run(program, rules, lines, "--trace")
    hold(len(plans) == length, "plans", len(plans))
    before, present = Answer({"lanes": [], "unplaced": []}), []
    for number, ((op, feed), plan) in enumerate(zip(steps, plans)):
        present = present + [feed] if op == "add" else remove(present, feed)
        after = Answer(plan)
        figures["steps"] += 1
        try:
            judge(after, present, rules, is_trace=True)
            judge_moves(before, after, feed, rules, figures)
        except Disagreement as problem:
            raise Disagreement(f"step {number + 1}, {lines[number]}: {problem}") from None
        before = after


def remove(present, feed):
    position = max(index for index, other in enumerate(present) if other.identity == feed.identity)
    return present[:position] + present[position + 1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/debug/hyperliquid")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--trace-length", type=int, default=40)
    parser.add_argument("--record", metavar="FILE", help="write every plan that is printed to FILE as well")
    options = parser.parse_args()
    if options.record:
        global record
        record = open(options.record, "w")
    figures, failed, start = Counter(), 0, time.monotonic()
    for seed in [options.seed] if options.seed is not None else range(1, options.seeds + 1):
        if time.monotonic() - start > options.seconds:
            break
        shows = options.seed is not None
        try:
            if seed % 2 == 0:
                check_trace(options.program, seed, figures, options.trace_length, shows)
            else:
                check_set(options.program, seed, figures, shows, is_large=seed % 10 == 9)
        except Disagreement as problem:
            print(f"seed {seed}: {problem}")
            failed += 1
    print(f"{figures['sets']} sets ({figures['exact']} with the fewest lanes by trying all, {figures['bounded']} by a "
          f"bound), {figures['steps']} steps of traces with {figures['moves']} moves, at most {figures['longest']} "
          f"a step: {failed} disagreements")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
