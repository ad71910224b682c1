import HyperliquidEngine
import HyperliquidWire
import Testing

/// The replacement of old connections at a venue that refuses some dials and takes its time.
@Suite("Progress of rotations") struct RotationProgressTests {
    /// A venue that answers each effect after a random delay.
    private struct Venue {
        var random: SplitMix64
        let refusedPercent: Int
        let longestDelay: Int64
        var facts: [(at: Instant, input: Engine.Input)] = []
        var open: Set<ConnectionID> = []
        var lastDial = Instant.start
        var longestPause = Duration.zero

        mutating func perform(_ effect: Engine.Effect, at now: Instant) {
            let input: Engine.Input
            switch effect {
            case .dial(let id, _):
                longestPause = max(longestPause, lastDial.duration(to: now))
                lastDial = now
                let isRefused = Int.random(in: 0..<100, using: &random) < refusedPercent
                input =
                    isRefused
                    ? .connectionClosed(id, .dialFailed("refused", httpStatus: 429), draw: random.next())
                    : .connectionOpened(id)
            case .close(let id): input = .connectionClosed(id, .closedByUs, draw: random.next())
            case .send(let id, .subscribe(let request)): input = .acknowledged(id, .subscribe, echo: request)
            case .send(let id, .unsubscribe(let request)): input = .acknowledged(id, .unsubscribe, echo: request)
            default: return
            }
            facts.append((now.advanced(by: .milliseconds(Int64.random(in: 1...longestDelay, using: &random))), input))
        }

        /// The earliest fact, if it is due.
        mutating func takeFact(at now: Instant) -> Engine.Input? {
            guard let first = facts.indices.min(by: { facts[$0].at < facts[$1].at }), facts[first].at <= now else {
                return nil
            }
            let input = facts.remove(at: first).input
            if case .connectionOpened(let id) = input { open.insert(id) }
            if case .connectionClosed(let id, _, _) = input {
                open.remove(id)
                facts.removeAll { if case .acknowledged(id, _, _) = $0.input { true } else { false } }
            }
            return input
        }
    }

    @Test(arguments: UInt64(1)...40) func `connections are replaced for ever, whatever was refused`(seed: UInt64) {
        var venue = Venue(
            random: SplitMix64(seed: seed), refusedPercent: seed.isMultiple(of: 4) ? 5 : 30,
            longestDelay: [5, 300, 3000][Int(seed % 3)])
        var harness = EngineHarness {
            ($0.shortestBackoff, $0.longestBackoff) = (.milliseconds(2), .milliseconds(20))
            ($0.maximumConnectionAge, $0.spareConnectionCount) = (.seconds(1), 1)
        }
        // Variants of one book need a connection each, so that nine of ten are in use.
        let figures: [Int?] = [nil, 2, 3, 4, 5]
        let books =
            figures.map { L2BookFeed(coin: "BTC", nSigFigs: $0) }
            + figures.dropLast().map { L2BookFeed(coin: "BTC", nSigFigs: $0, fast: true) }
        for book in books { _ = harness.subscribe(book, timeout: nil) }
        harness.handle(.started)
        var nextFrame = Instant.start
        while harness.now < Instant.start.advanced(by: .seconds(1500)) {
            for effect in harness.takeEffects() { venue.perform(effect, at: harness.now) }
            let next = [nextFrame, venue.facts.map(\.at).min(), harness.engine.deadline].compactMap(\.self).min()
            harness.now = max(harness.now, next ?? nextFrame)
            if let fact = venue.takeFact(at: harness.now) {
                harness.handle(fact)
            } else if nextFrame <= harness.now {
                nextFrame = nextFrame.advanced(by: .seconds(1))
                for id in venue.open { harness.handle(.frameArrived(id)) }
            } else {
                harness.handle(.woke)
            }
        }
        // After failures in a row, the client waits for 10 min at most.
        let pause = max(venue.longestPause, venue.lastDial.duration(to: harness.now))
        #expect(pause < .seconds(700), "seed \(seed): no dial for \(pause)")
    }
}
