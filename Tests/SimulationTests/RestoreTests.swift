import HyperliquidEngine
import HyperliquidWire
import Testing

/// After a total loss everything is live again in the least time that the limits allow.
@Suite("Restore") struct RestoreTests {
    /// The engine against a venue that answers after a round trip; what was sent, and when.
    private struct Storm {
        var engine: Engine
        var turn: Turn
        var now = Instant.start
        var inputs = Timeline<Engine.Input>()
        var sent: [(time: Instant, message: Engine.Message)] = []
        let roundTrip: Duration = .milliseconds(40)

        mutating func tell(_ input: Engine.Input) {
            turn.now = now
            engine.handle(input, &turn)
            let effects = turn.effects
            turn.effects = []
            for effect in effects { perform(effect) }
        }

        private mutating func perform(_ effect: Engine.Effect) {
            let later = now.advanced(by: roundTrip)
            switch effect {
            case .dial(let connection, _): inputs.plan(.connectionOpened(connection), at: later)
            case .close(let connection): inputs.plan(.connectionClosed(connection, .closedByUs, draw: 0), at: later)
            case .send(let connection, let message):
                sent.append((now, message))
                switch message {
                case .subscribe(let request):
                    inputs.plan(.acknowledged(connection, .subscribe, echo: request), at: later)
                case .unsubscribe(let request):
                    inputs.plan(.acknowledged(connection, .unsubscribe, echo: request), at: later)
                case .ping: inputs.plan(.frameArrived(connection), at: later)
                }
            case .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover, .confirm, .fail,
                .announceGap, .sendPost, .failPost, .forget, .note,
                .finish:
                break
            }
        }

        mutating func run(until end: Instant) {
            while let next = [inputs.nextTime, engine.deadline].compactMap({ $0 }).min(), next <= end {
                now = max(now, next)
                if inputs.nextTime == next, let input = inputs.takeFirst() { tell(input) } else { tell(.woke) }
            }
            now = end
        }
    }

    /// 900 market feeds and ten feeds of each of ten users: 1000 on ten connections of 100.
    private static var offers: [Offer] {
        let users = OfferedFeeds.users.prefix(10).flatMap { user in
            ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"].map {
                Offer(RawFeed(type: "activeAssetData", fields: [("user", .string(user)), ("coin", .string($0))]))
            }
        }
        return users + (0..<900).map { Offer(RawFeed(type: "trades", fields: [("coin", .string("C\($0)"))])) }
    }

    private func storm() -> Storm {
        var configuration = EngineConfiguration()
        configuration.limits.dialsPerMinute = 30
        configuration.limits.subscriptionCount = 1000
        configuration.limits.subscriptionsPerConnection = 100
        configuration.limits.messagesPerMinute = 2000
        var storm = Storm(
            engine: Engine(configuration: configuration), turn: Turn(limits: configuration.limits))
        for (index, offer) in Self.offers.enumerated() {
            let id = SubscriptionID(UInt64(index + 1))
            storm.tell(.subscribed(id, offer.request, offer.traits, timeout: nil, waitsForLimits: true))
        }
        storm.tell(.started)
        storm.run(until: .start.advanced(by: .seconds(90)))
        return storm
    }

    @Test func `after a total loss 1000 subscriptions are back as soon as the limits allow, message by message`() {
        var storm = storm()
        #expect(storm.engine.pool.slots.count == 10)
        #expect(storm.engine.registry.liveCount == 1000)
        storm.sent = []
        for connection in storm.engine.pool.connections {
            storm.tell(.connectionClosed(connection.id, .broken("reset"), draw: 0))
        }
        #expect(storm.engine.registry.liveCount == 0)
        let loss = storm.now
        storm.run(until: loss.advanced(by: .seconds(60)))
        #expect(storm.engine.registry.liveCount == 1000)
        // The shortest backoff of 125 ms and a round trip pass before the first; then 50 may be sent in a second.
        let start = loss.advanced(by: .milliseconds(125) + storm.roundTrip)
        let asked = storm.sent.filter { if case .subscribe = $0.message { true } else { false } }
        #expect(asked.count == 1000)
        for (index, entry) in asked.enumerated() {
            let bound = start.advanced(by: .seconds(index / 50))
            let late = bound.duration(to: entry.time)
            #expect(late >= .zero && late <= .milliseconds(50) * (index / 50 + 1), "message \(index): \(late)")
        }
    }
}
