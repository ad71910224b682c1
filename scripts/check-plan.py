#!/usr/bin/env python3
"""Checks `hyperliquid plan` against a second implementation of the venue's rules, for random feeds.

Each seed gives a set of feeds or a trace of changes. Checked is that the messages of no two feeds on a connection are
ambiguous; that no limit is exceeded; that each feed is on one connection, or names the limit that prevents it; that the
packed policy uses the fewest connections; that the isolated policy separates feeds as documented; and that a trace
moves only feeds that must move.

Usage: scripts/check-plan.py [--program PATH] [--seeds N] [--seconds N] [--seed N] [--trace-length N] [--record FILE]
A disagreement prints its seed; `--seed N` runs that seed alone and prints its input."""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from itertools import combinations

# The fields of the request that a data message shows (the venue's table of identity and ambiguity).
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
          "messagesPerMinute": 1800, "messagesPerSecond": 50, "requestWeightPerMinute": 1080, "postsInFlight": 90,
          "sharedPerConnection": 200}


# The file in which every printed plan is recorded, if any.
record = None


class Feed:
    """A request as it was given, and its properties at the venue."""

    def __init__(self, given):
        self.given = given
        self.type = given["type"]
        # Fields with their default values are left out; a user is lower-cased.
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
        """Whether a message of one could be taken for one of the other. For unknown types it always could."""
        if (self.endpoint, self.channel) != (other.endpoint, other.channel) or self.identity == other.identity:
            return False
        return not (self.is_known and other.is_known) or self.shown == other.shown

    def line(self, draw):
        """The feed as written on standard input, in a random form."""
        names = [name for name in self.given if name != "type"]
        main = next((name for name in ("user", "coin", "dex") if name in names), None)
        if not self.is_known or draw.random() < 0.5 or any(self.given[name] in (None, "") for name in names):
            items = list(self.given.items())
            draw.shuffle(items)
            return json.dumps(dict(items))
        words = [str(self.given[main])] if main else []
        words += [f"{name}={self.given[name]}".replace("=True", "=true").replace("=False", "=false")
                  for name in names if name != main]
        return self.type + (":" + ",".join(words) if words else "")


def connections_needed(feeds, rules, most):
    """The fewest connections for a small set, by trying all arrangements; None if more than `most` are needed."""
    feeds = sorted(feeds, key=lambda feed: -sum(feed.looks_like(other) for other in feeds))
    best = [most + 1]
    connections = []

    def assign(position):
        if len(connections) >= best[0]:
            return
        if position == len(feeds):
            best[0] = len(connections)
            return
        feed = feeds[position]
        for connection in connections:
            if rules.takes(connection, feed):
                connection.append(feed)
                assign(position + 1)
                connection.pop()
        connections.append([feed])
        assign(position + 1)
        connections.pop()

    assign(0)
    return best[0] if best[0] <= most else None


def fewest_changes(connections, feed, rules, most):
    """The fewest feeds that must move so that one more fits, by trying all ways up to `most`."""
    everything = [(number, other) for number, connection in enumerate(connections) for other in connection]
    for count in range(most):
        for moved in combinations(everything, count):
            rest = [[other for other in connection if (number, other) not in moved]
                    for number, connection in enumerate(connections)]
            if can_add([feed] + [other for _, other in moved], rest, rules):
                return count
    return most


def can_add(feeds, connections, rules):
    if not feeds:
        return True
    for connection in connections + ([[]] if len(connections) < rules.most_connections else []):
        # An empty connection may be used for either endpoint.
        if not connection or rules.takes(connection, feeds[0]):
            others = [other for other in connections if other is not connection]
            if can_add(feeds[1:], others + [connection + [feeds[0]]], rules):
                return True
    return False


def connections_at_least(feeds, rules):
    """A lower bound for the number of connections of a set of any size."""
    total = 0
    for endpoint in ("api", "explorer"):
        own = [feed for feed in feeds if feed.endpoint == endpoint]
        if not own:
            continue
        user_count = sum(alike([feed for feed in own if feed.user == user]) for user in {f.user for f in own if f.user})
        total += max(alike(own), -(-len(own) // rules.feeds_each), -(-user_count // rules.users_each))
    return total


def alike(feeds):
    """The size of the largest set found in which any two feeds look alike: per channel, all unknown feeds and the
    largest group of known ones."""
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
        self.most_connections = max(1, self.limits["connections"] - self.limits["spareConnections"])
        self.arguments = ["--policy", policy]
        for name, value in given.items():
            self.arguments += ["--limit", f"{name}={value}"]

    def takes(self, connection, feed):
        """Whether `feed` may join the feeds of a connection."""
        if len(connection) >= self.feeds_each or connection[0].endpoint != feed.endpoint:
            return False
        if any(feed.looks_like(other) for other in connection):
            return False
        if len({other.user for other in connection if other.user} | ({feed.user} - {None})) > self.users_each:
            return False
        if self.policy == "packed":
            return True
        if feed.kind == "dedicated" or any(other.kind != feed.kind for other in connection):
            return False
        if feed.kind == "userGrouped":
            return all(other.user == feed.user for other in connection)
        return len(connection) < self.limits["sharedPerConnection"]


class Disagreement(Exception):
    pass


def hold(what, *details):
    if not what:
        raise Disagreement(": ".join(map(str, details)))


# MARK: Random input

class Asker:
    """Feeds and limits from a seed, with few different parameters, so that many feeds look alike."""

    def __init__(self, seed, coins=("BTC", "ETH", "@107", "PURR/USDC", "#14720", "xyz:SP500")):
        self.draw = random.Random(seed)
        self.coins = coins
        self.share_of_books = self.draw.choice([0.2, 0.6])
        self.users = ["0x" + f"{self.draw.getrandbits(156):039x}" + "aBc"[n % 3]
                      for n in range(self.draw.randint(1, 8))]

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
            fields = {"user": user} if odd == "user" else {"coin": coin, "nSigFigs": pick([2, 3])}
            return Feed({"type": odd, **fields})
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
    """The printed plans, one per line."""
    command = [program, "plan", "-", "--json", *options, *rules.arguments]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    if record:
        print(" ".join(command[1:]), done.stdout, sep="\n", end="", file=record)
    hold(done.returncode in (0, 1), "exit status", done.returncode, done.stderr.strip()[:500])
    plans = [json.loads(line) for line in done.stdout.splitlines()]
    hold(plans and (done.returncode == 1) == any(plan["unplaced"] for plan in plans), "exit status", done.returncode)
    return plans


# MARK: Judging plans

class Answer:
    """A parsed plan."""

    def __init__(self, plan):
        self.plan = plan
        self.connections = {connection["connection"]: [Feed(given) for given in connection["feeds"]]
                            for connection in plan["connections"]}
        self.placed = [feed for connection in self.connections.values() for feed in connection]
        self.unplaced = [(Feed(item["feed"]), item["limit"]) for item in plan["unplaced"]]
        self.connection_of = {feed.identity: number
                              for number, feeds in self.connections.items() for feed in feeds}


def judge(answer, wanted, rules, is_trace=False):
    """Checks what must hold for every plan."""
    given = {feed.identity: feed.given for feed in reversed(wanted)}
    shown = [feed.identity for feed in answer.placed] + [feed.identity for feed, _ in answer.unplaced]
    hold(sorted(map(str, shown)) == sorted(map(str, given)), "not each feed is shown once", shown)
    for connection in answer.plan["connections"]:
        feeds = answer.connections[connection["connection"]]
        hold(feeds, "an empty connection", connection)
        hold(all(feed.endpoint == connection["endpoint"] for feed in feeds), "a feed at the wrong endpoint", connection)
        kinds = {feed.kind for feed in feeds}
        hold(connection["kind"] == (kinds.pop() if len(kinds) == 1 else "mixed"), "the wrong kind", connection)
        for one, other in combinations(feeds, 2):
            hold(not one.looks_like(other), "ambiguous on one connection", one.given, other.given)
        for position, feed in enumerate(feeds):
            hold(position == 0 or rules.takes(feeds[:position], feed), "does not belong there", feed.given, connection)
    numbers = {connection["connection"] for connection in answer.plan["connections"]}
    hold(len(numbers) == len(answer.plan["connections"]), "two connections of one number")
    judge_limits(answer, rules)
    for feed, limit in answer.unplaced:
        judge_refusal(feed, limit, answer, rules, is_trace)


def judge_limits(answer, rules):
    users = {feed.user for feed in answer.placed if feed.user}
    hold(len(answer.connections) <= rules.most_connections, "more connections than allowed", len(answer.connections))
    hold(len(answer.placed) <= rules.limits["subscriptions"], "more subscriptions than allowed")
    hold(len(users) <= rules.limits["users"], "more users than allowed", users)
    for name, row in answer.plan["limits"].items():
        hold(row["used"] <= row["limit"], "more used than allowed", name, row)
        each = {"subscriptionsPerConnection": rules.feeds_each, "usersPerConnection": rules.users_each}
        hold(row["limit"] == {**rules.limits, **each}[name], "not the limit given", name, row)
    used = {name: row["used"] for name, row in answer.plan["limits"].items()}
    hold(used["connections"] == len(answer.connections), "connections used", used)
    hold(used["subscriptions"] == len(answer.placed), "subscriptions used", used)
    hold(used["users"] >= len(users), "users used", used)


def judge_refusal(feed, limit, answer, rules, is_trace):
    """Checks that a feed without a connection cannot have one, because of the limit that is named."""
    users = {other.user for other in answer.placed if other.user}
    if limit == "subscriptions":
        hold(len(answer.placed) == rules.limits["subscriptions"], "subscriptions are left for", feed.given)
    elif limit == "users":
        hold(feed.user and feed.user not in users, "is no new user", feed.given)
        hold(answer.plan["limits"]["users"]["used"] == rules.limits["users"], "users are left for", feed.given)
    else:
        hold(limit == "connections", "no such limit", limit)
        hold(not any(rules.takes(connection, feed) for connection in answer.connections.values()),
             "fits on a connection", feed.given)
        hold(len(answer.connections) == rules.most_connections, "connections are left for", feed.given)
        if rules.policy != "packed" or len(answer.placed) > 9:
            return
        if is_trace:
            # The planner does not try all moves, but it always finds a single one.
            hold(fewest_changes(list(answer.connections.values()), feed, rules, 2) > 1, "fits after a move", feed.given)
        else:
            needed = connections_needed(answer.placed + [feed], rules, rules.most_connections)
            hold(needed is None, "fits", feed.given, needed)


def judge_count(answer, rules, figures):
    """Checks that packed connections are the fewest possible, and isolated ones as documented."""
    if rules.policy == "packed":
        bound = connections_at_least(answer.placed, rules)
        if len(answer.placed) <= 10:
            bound = connections_needed(answer.placed, rules, len(answer.connections))
        figures["exact" if len(answer.placed) <= 10 else "bounded"] += 1
        hold(len(answer.connections) == bound, "connections", len(answer.connections), "instead of", bound)
        return
    kinds = Counter(feed.kind for feed in answer.placed)
    connections = Counter(connection["kind"] for connection in answer.plan["connections"])
    hold(connections["dedicated"] == kinds["dedicated"], "connections of dedicated feeds", connections)
    each = min(rules.limits["sharedPerConnection"], rules.feeds_each)
    hold(connections["shared"] == -(-kinds["shared"] // each), "connections of shared feeds", connections)
    own = defaultdict(list)
    for feed in answer.placed:
        if feed.user:
            own[feed.user].append(feed)
    if rules.feeds_each >= max(map(len, own.values()), default=0):
        hold(connections["userGrouped"] == sum(map(alike, own.values())), "connections of users", connections)


def judge_time(answer, rules):
    """Checks the time until everything is live: that of the allowed dials and messages, if the
    venue answers at once."""
    def times(ready, windows):
        done = []
        for moment in sorted(ready):
            for count, span in windows:
                if len(done) >= count:
                    moment = max(moment, done[-count] + span)
            done.append(max([moment] + done[-1:]))
        return done
    dials = times([0] * len(answer.connections), [(rules.limits["dialsPerMinute"], 60_000)])
    ready = [moment for moment, connection in zip(dials, answer.connections.values()) for _ in connection]
    minute = rules.limits["messagesPerMinute"]
    # A fortieth of the messages per minute is reserved for pings and another one for actions, and so is a tenth of
    # those per second.
    second = rules.limits["messagesPerSecond"]
    soonest, latest = (times(ready, [(max(1, count), 60_000), (max(1, second - second // 10), 1000)])[-1:]
                       for count in (minute, minute - 2 * (minute // 40)))
    hold(soonest <= [answer.plan["live_after_ms"]] <= latest or not ready, "live after",
         answer.plan["live_after_ms"], soonest, latest)


def judge_moves(before, after, added, rules, figures):
    """Checks that all moves are reported, and that each is needed for a feed that fits only because of it."""
    changed = {identity for identity, connection in after.connection_of.items()
               if before.connection_of.get(identity, connection) != connection}
    reported = {Feed(move["feed"]).identity: move for move in after.plan["moves"]}
    hold(changed == set(reported), "moves reported", sorted(reported), "and made", sorted(changed))
    for identity, move in reported.items():
        hold((move["from"], move["to"]) == (before.connection_of[identity], after.connection_of[identity]),
             "a move reported wrongly", move)
        hold(move["why"], "a move without a reason", move)
    figures["moves"] += len(reported)
    figures["longest"] = max(figures["longest"], len(reported))
    if not reported:
        return
    # A feed that had no connection has one now, or nothing had to move.
    new = [feed for feed in after.placed if feed.identity not in before.connection_of]
    hold(new, "moves that help no feed", reported)
    hold(len(before.connections) == rules.most_connections, "moves though a connection is left", reported)
    for feed in new:
        if len(new) == 1:
            hold(not any(rules.takes(connection, feed) for connection in before.connections.values()),
                 "fits without a move", feed.given)
            # Lingering users, which a plan does not show, may force more moves.
            if "usersPerConnection" not in rules.given and rules.limits["users"] >= 8:
                fewest = fewest_changes(list(before.connections.values()), feed, rules, len(reported))
                hold(fewest == len(reported), "moves", len(reported), "instead of", fewest)


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
            # Some feeds are added twice.
            feed = draw.choice(present) if present and draw.random() < 0.05 else asker.feed()
            present.append(feed)
            steps.append(("add", feed))
    lines = [json.dumps({"op": op, "feed": feed.given}) for op, feed in steps]
    if shows:
        print(rules.arguments, *lines, sep="\n")
    plans = run(program, rules, lines, "--trace")
    hold(len(plans) == length, "plans", len(plans))
    before, present = Answer({"connections": [], "unplaced": []}), []
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
    print(f"{figures['sets']} sets ({figures['exact']} with the fewest connections by trying all arrangements, "
          f"{figures['bounded']} by a bound), {figures['steps']} steps of traces with {figures['moves']} moves, "
          f"at most {figures['longest']} per step: {failed} disagreements")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
