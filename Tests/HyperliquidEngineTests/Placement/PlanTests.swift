import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PlanTests {
    private let ann = Address.numbered(1)

    private func planner(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> Planner {
        var configuration = EngineConfiguration()
        change(&configuration)
        return Planner(configuration: configuration)
    }

    private func plan(_ feeds: [any Feed], _ change: (inout EngineConfiguration) -> Void = { _ in }) -> Plan {
        var planner = planner(change)
        for feed in feeds { planner.add(feed.request, feed.traits) }
        return planner.plan()
    }

    @Test func `the JSON of a plan has the documented form`() {
        let plan = plan([TradesFeed(coin: "BTC"), L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5)]) {
            $0.limits.connections = 1
        }
        var writer = JSONWriter()
        plan.write(to: &writer, withMoves: false) { request in
            var writer = JSONWriter()
            writer.value(request)
            return writer.bytes
        }
        let connections =
            #"{"connections":[{"connection":1,"endpoint":"api","kind":"mixed","feeds":[{"type":"trades","coin":"BTC"},"#
            + #"{"type":"l2Book","coin":"BTC"}],"#
            + #""why":["the feeds' messages can be told apart, so they share a connection"]}],"#
        let unplaced =
            #""unplaced":[{"feed":{"type":"l2Book","coin":"BTC","nSigFigs":5},"limit":"connections","why":"1 connection "#
            + #"is allowed, and the feed's messages look like those of l2Book BTC (connection 1)","help":"raise "#
            + #"the limit connections, or leave out one of these feeds"}],"#
        let limits =
            #""limits":{"connections":{"used":1,"limit":1},"dialsPerMinute":{"used":1,"limit":25},"#
            + #""subscriptions":{"used":2,"limit":950},"subscriptionsPerConnection":{"used":2,"limit":950},"#
            + #""users":{"used":0,"limit":10},"usersPerConnection":{"used":0,"limit":10},"#
            + #""messagesPerMinute":{"used":2,"limit":1800},"messagesPerSecond":{"used":2,"limit":50},"#
            + #""requestWeightPerMinute":{"used":0,"limit":1080},"postsInFlight":{"used":0,"limit":90}},"live_after_ms":0}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == connections + unplaced + limits)
    }

    @Test func `a plan states the reason of each separation`() {
        let plan = plan([
            L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5), UserFillsFeed(user: ann),
            UserFillsFeed(user: ann, aggregateByTime: true), ExplorerBlockFeed(),
        ])
        #expect(plan.slots.map(\.kind) == ["mixed", "mixed", "dedicated"])
        let why = plan.slots.map(\.sentences)
        #expect(why[1].contains("l2Book BTC nSigFigs=5: its messages look like those of l2Book BTC (connection 1)"))
        #expect(why[1].contains { $0.hasPrefix("userFills \(ann)") && $0.contains("look like those of userFills") })
        #expect(why[2] == ["the explorer has a socket of its own"])
    }

    @Test func `a plan says which limit of a slot is full`() {
        let users = (1...3).map { UserFundingsFeed(user: Address.numbered($0)) as any Feed }
        let byUsers = plan(users) { $0.limits.usersPerConnection = 2 }
        #expect(byUsers.slots.count == 2)
        #expect(byUsers.slots[1].why.contains("connection 1 is full with the feeds of 2 users"))
        let shared = (1...3).map { TradesFeed(coin: Coin("C\($0)")) as any Feed }
        let isolated = plan(shared) { $0.policy = .isolated(sharedLimit: 2) }
        #expect(isolated.slots.map(\.feeds.count) == [2, 1])
        #expect(isolated.slots[1].why.contains("connection 1 is full with 2 feeds"))
    }

    @Test func `a plan names the limit that leaves a feed without a slot`() {
        let many = (1...4).map { UserFundingsFeed(user: Address.numbered($0)) as any Feed }
        let users = plan(many) { $0.limits.users = 3 }
        #expect(users.unplaced.map(\.limit) == ["users"])
        #expect(users.unplaced.map(\.request) == [many[3].request])
        let subscriptions = plan(many) { $0.limits.subscriptions = 2 }
        #expect(subscriptions.unplaced.map(\.limit) == ["subscriptions", "subscriptions"])
        let spared = plan([L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]) {
            $0.limits.connections = 2
            $0.spareConnectionCount = 1
        }
        #expect(spared.unplaced.map(\.limit) == ["connections"])
    }

    @Test(
        arguments: [
            // 120 subscribes at 50 per second: at 0, 1 and 2 s.
            (120, 50, 1800, 25, 2000),
            // 30 subscribes at 20 per minute: the 21st after 60 s.
            (30, 50, 20, 25, 60_000), (10, 50, 1800, 25, 0),
        ]
    )
    func `a plan is live once its messages may have been sent`(
        count: Int, second: Int, minute: Int, dials: Int, milliseconds: Int
    ) {
        let plan = plan((1...count).map { TradesFeed(coin: Coin("C\($0)")) }) {
            $0.limits.messagesPerSecond = second
            $0.limits.messagesPerMinute = minute
        }
        #expect(plan.liveAfter == .milliseconds(milliseconds))
    }

    @Test func `a ping takes no message from the subscribes of a plan`() {
        let variants = (2...5).map { L2BookFeed(coin: "BTC", nSigFigs: $0) as any Feed }
        let plan = plan(variants + [AllMidsFeed()]) { $0.limits.messagesPerMinute = 3 }
        #expect(plan.liveAfter == .seconds(60))
    }

    @Test func `a plan is live once its dials may have been made`() {
        let variants = (2...5).map { L2BookFeed(coin: "BTC", nSigFigs: $0) as any Feed }
        let plan = plan(variants) { $0.limits.dialsPerMinute = 3 }
        #expect(plan.slots.count == 4)
        #expect(plan.liveAfter == .seconds(60))
        #expect(plan.limits.first { $0.name == "dialsPerMinute" }?.used == 3)
    }

    @Test func `a new user waits until a user that left is no longer counted`() {
        var planner = planner { $0.limits.users = 1 }
        let first = UserFundingsFeed(user: ann)
        planner.add(first.request, first.traits)
        let alone = planner.plan()
        #expect(alone.liveAfter == .zero)
        let second = UserFundingsFeed(user: Address.numbered(2))
        planner.add(second.request, second.traits)
        let full = planner.plan()
        #expect(full.unplaced.map(\.limit) == ["users"])
        let hasLeft = planner.remove(first.request)
        let plan = planner.plan()
        #expect(hasLeft && plan.unplaced.isEmpty)
        #expect(plan.liveAfter == .seconds(15))
        let leavesTwice = planner.remove(first.request)
        #expect(!leavesTwice, "no subscription of it is left")
    }

    @Test func `a feed added twice is one upstream subscription until it is removed twice`() {
        var planner = planner()
        let feed = TradesFeed(coin: "BTC")
        planner.add(feed.request, feed.traits)
        planner.add(feed.request, feed.traits)
        var counts = [planner.plan().slots.map(\.feeds.count)]
        for _ in 0..<2 {
            _ = planner.remove(feed.request)
            counts.append(planner.plan().slots.map(\.feeds.count))
        }
        #expect(counts == [[1], [1], []])
    }
}
