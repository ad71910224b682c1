import HyperliquidEngine
import HyperliquidWire
import SimulatedWorld
import TestPacing
import Testing

/// The loss of all connections: the subscriptions are restored in the shortest time that the limits allow.
@Suite("Restore", .computing) struct RestoreTests {
    /// The engine with a venue that accepts every request after one round trip. Records each sent message and its time.
    private struct Scenario {
        var engine: Engine
        var turn: Turn
        var now = Instant.start
        var inputs = Timeline<Engine.Input>()
        var sent: [(time: Instant, message: Engine.Message)] = []
        let roundTrip: Duration = .milliseconds(40)

        mutating func handle(_ input: Engine.Input) {
            turn.now = now
            engine.handle(input, &turn)
            let effects = turn.effects
            turn.effects = []
            for effect in effects { perform(effect) }
        }

        private mutating func perform(_ effect: Engine.Effect) {
            let later = now.advanced(by: roundTrip)
            switch effect {
            case .dial(let connection, _): inputs.schedule(.connectionOpened(connection), at: later)
            case .close(let connection): inputs.schedule(.connectionClosed(connection, .closedByUs, draw: 0), at: later)
            case .send(let connection, let message):
                sent.append((now, message))
                switch message {
                case .subscribe(let request):
                    inputs.schedule(.acknowledged(connection, .subscribe, echo: request), at: later)
                case .unsubscribe(let request):
                    inputs.schedule(.acknowledged(connection, .unsubscribe, echo: request), at: later)
                case .ping: inputs.schedule(.frameArrived(connection), at: later)
                }
            case .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover, .confirm, .fail,
                .announceGap, .sendPost, .failPost, .forget, .note, .finish:
                break
            }
        }

        mutating func run(until end: Instant) {
            while let next = [inputs.nextTime, engine.deadline].compactMap({ $0 }).min(), next <= end {
                now = max(now, next)
                if inputs.nextTime == next, let input = inputs.takeFirst() { handle(input) } else { handle(.woke) }
            }
            now = end
        }
    }

    /// 1000 feeds for ten connections of 100: 900 market feeds, and ten feeds for each of ten users.
    private static var feeds: [TestFeed] {
        let users = TestFeeds.users.prefix(10).flatMap { user in
            ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"].map {
                TestFeed(RawFeed(type: "activeAssetData", fields: [("user", .string(user)), ("coin", .string($0))]))
            }
        }
        return users + (0..<900).map { TestFeed(RawFeed(type: "trades", fields: [("coin", .string("C\($0)"))])) }
    }

    private func makeScenario() -> Scenario {
        var configuration = EngineConfiguration()
        configuration.limits.dialsPerMinute = 30
        configuration.limits.subscriptions = 1000
        configuration.limits.subscriptionsPerConnection = 100
        configuration.limits.messagesPerMinute = 2000
        var scenario = Scenario(
            engine: Engine(configuration: configuration), turn: Turn(limits: configuration.limits))
        for (index, feed) in Self.feeds.enumerated() {
            let id = SubscriptionID(UInt64(index + 1))
            scenario.handle(.subscribed(id, feed.request, feed.traits, timeout: nil, waitsForLimits: true))
        }
        scenario.handle(.started)
        scenario.run(until: .start.advanced(by: .seconds(90)))
        return scenario
    }

    @Test func `all 1000 subscriptions are restored as fast as the limits allow after a total loss`() {
        var scenario = makeScenario()
        #expect(scenario.engine.pool.slots.count == 10)
        #expect(scenario.engine.registry.liveCount == 1000)
        scenario.sent = []
        for connection in scenario.engine.pool.connections {
            scenario.handle(.connectionClosed(connection.id, .broken("reset"), draw: 0))
        }
        #expect(scenario.engine.registry.liveCount == 0)
        let loss = scenario.now
        scenario.run(until: loss.advanced(by: .seconds(60)))
        #expect(scenario.engine.registry.liveCount == 1000)
        // The first subscribe is sent after the shortest backoff of 125 ms and one round trip. Then 45 subscribes per
        // second are allowed; 5 messages are reserved for actions.
        let start = loss.advanced(by: .milliseconds(125) + scenario.roundTrip)
        let subscribes = scenario.sent.filter { if case .subscribe = $0.message { true } else { false } }
        #expect(subscribes.count == 1000)
        for (index, entry) in subscribes.enumerated() {
            let earliest = start.advanced(by: .seconds(index / 45))
            let delay = earliest.duration(to: entry.time)
            #expect(
                delay >= .zero && delay <= .milliseconds(50) * (index / 45 + 1),
                "subscribe \(index) is sent \(delay) after the earliest allowed time")
        }
    }
}
