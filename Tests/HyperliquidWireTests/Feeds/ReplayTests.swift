import HyperliquidWire
import Testing

/// What tells repeated rows from live ones. The venue's clock and the local one differ in every test.
@Suite("Replays") struct ReplayTests {
    /// The venue's time at the start of the monotonic time line.
    static let venueStart: Int64 = 1_790_000_000_000
    /// By how much the local time of day is ahead of the venue's, in milliseconds.
    static let skews: [Int64] = [-90_000, -3_000, 0, 3_000, 90_000]

    /// The moment of a time by the venue's clock.
    func instant(_ venue: Int64) -> Instant { Instant(nanoseconds: (venue - Self.venueStart) * 1_000_000) }

    func clock(skew: Int64) -> VenueClock {
        VenueClock(localMilliseconds: Self.venueStart + skew, at: instant(Self.venueStart))
    }

    /// The ages of the rows that come as a snapshot and as an update. The subscribe is sent at `subscribed`, and the
    /// first message arrives 100 ms later unless it is `late`.
    func split(
        _ times: [Int64], subscribed: Int64, by clock: VenueClock, late: Int64 = 100
    ) -> (past: [Int64], present: [Int64]) {
        var memory = ReplayMemory<Int64>()
        memory.subscribed(atMilliseconds: 0)
        memory.firstMessageArrived(
            clock.cutoff(subscribedAt: instant(subscribed), at: instant(subscribed + late)))
        return switch memory.partition(times, key: { $0 }, time: { $0 }) {
        case .snapshot(let rows): (rows, [])
        case .update(let rows): ([], rows)
        case .snapshotAndUpdate(let both): (both.past, both.present)
        case .nothing: ([], [])
        }
    }

    static let now = venueStart + 3_600_000
    /// Twenty trades in the five seconds before now.
    static let busy = (0..<20).map { now - 5_000 + 250 * Int64($0 + 1) }
    /// Three trades, of which the last was made ten minutes ago.
    static let thin = [now - 7_200_000, now - 900_000, now - 600_000]

    @Test(arguments: skews) func `before any live message, only the newest block of a replay is live`(_ skew: Int64) {
        let (past, present) = split(Self.busy, subscribed: Self.now, by: clock(skew: skew))
        #expect(past == Self.busy.dropLast())
        #expect(present == Self.busy.suffix(1))
    }

    @Test(arguments: skews) func `a trade of ten minutes ago is never live`(_ skew: Int64) {
        var clock = clock(skew: skew)
        #expect(split(Self.thin, subscribed: Self.now, by: clock).present == [])
        #expect(split([Self.now - 600_000], subscribed: Self.now, by: clock).present == [])
        clock.liveMessageArrived(Self.now - 40, at: instant(Self.now))
        #expect(split(Self.thin, subscribed: Self.now, by: clock).present == [])
    }

    @Test(arguments: skews) func `a first message without a replay is live`(_ skew: Int64) {
        var clock = clock(skew: skew)
        let block = [Self.now + 60, Self.now + 60]
        #expect(split([block[0]], subscribed: Self.now, by: clock).present == [block[0]])
        clock.liveMessageArrived(Self.now - 200, at: instant(Self.now))
        #expect(split([block[0]], subscribed: Self.now, by: clock).present == [block[0]])
        // It comes only when somebody trades.
        #expect(
            split([Self.now + 50_000], subscribed: Self.now, by: clock, late: 50_100).present == [Self.now + 50_000])
    }

    @Test(arguments: skews)
    func `a live message shows the venue's time, and rows from before the subscribe are repeated`(_ skew: Int64) {
        var clock = clock(skew: skew)
        // Messages take 40 ms at least. Slower ones show less.
        for (delay, age) in [(900, 50_000), (40, 30_000), (2_000, 20_000)] as [(Int64, Int64)] {
            clock.liveMessageArrived(Self.now - age - delay, at: instant(Self.now - age))
        }
        let rows = [Self.now - 200, Self.now - 41, Self.now + 20, Self.now + 30]
        #expect(split(rows, subscribed: Self.now, by: clock) == (Array(rows.prefix(2)), Array(rows.suffix(2))))
        #expect(split(Self.busy, subscribed: Self.now + 100, by: clock).present == [])
    }

    @Test func `a message that is ahead of the estimate corrects it`() {
        var clock = clock(skew: 0)
        // The only message so far took three seconds.
        clock.liveMessageArrived(Self.now - 4_000, at: instant(Self.now - 1_000))
        let (past, present) = split(Self.busy, subscribed: Self.now, by: clock)
        #expect(past == Self.busy.dropLast())
        #expect(present == Self.busy.suffix(1))
    }

    @Test func `a single wrong time of the venue is forgotten`() {
        var clock = clock(skew: 0)
        clock.liveMessageArrived(Self.now + 86_400_000, at: instant(Self.now))
        #expect(split([Self.now + 60], subscribed: Self.now, by: clock).present == [])
        for minute in 1...11 as ClosedRange<Int64> {
            clock.liveMessageArrived(Self.now + minute * 60_000 - 40, at: instant(Self.now + minute * 60_000))
        }
        let later = Self.now + 11 * 60_000
        #expect(split([later + 60], subscribed: later, by: clock).present == [later + 60])
    }

    @Test func `an estimate outlasts a silence`() {
        var clock = clock(skew: 90_000)
        clock.liveMessageArrived(Self.now - 86_400_040, at: instant(Self.now - 86_400_000))
        #expect(split(Self.thin, subscribed: Self.now, by: clock).present == [])
        #expect(split([Self.now + 60], subscribed: Self.now, by: clock).present == [Self.now + 60])
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func `a time outside every calendar does not trap`(_ time: Int64) {
        var clock = clock(skew: 0)
        _ = split([time, Self.now], subscribed: Self.now, by: clock)
        clock.liveMessageArrived(time, at: instant(Self.now))
        _ = split([time, Self.now], subscribed: Self.now, by: clock)
        _ = VenueClock(localMilliseconds: time, at: instant(Self.now)).cutoff(
            subscribedAt: .start, at: Instant(nanoseconds: .max))
    }

    @Test func `a local clock that is far off makes the first message a snapshot, and no later one`() {
        for skew in [-600_000, 600_000] as [Int64] {
            var clock = clock(skew: skew)
            #expect(split([Self.now + 60], subscribed: Self.now, by: clock).past == [Self.now + 60])
            clock.liveMessageArrived(Self.now - 40, at: instant(Self.now))
            #expect(split([Self.now + 60], subscribed: Self.now, by: clock).present == [Self.now + 60])
        }
    }

    @Test func `rows that were delivered before are dropped whatever their times`() {
        var memory = ReplayMemory<Int64>()
        memory.subscribed(atMilliseconds: 0)
        memory.firstMessageArrived(.everythingIsLive)
        guard case .update([1, 2]) = memory.partition([1, 2], key: { $0 }, time: { $0 }) else {
            Issue.record("everything was live")
            return
        }
        memory.subscribed(atMilliseconds: 0)
        memory.firstMessageArrived(ReplayCutoff(liveFromMilliseconds: 4))
        guard case .snapshotAndUpdate(let both) = memory.partition([1, 2, 3, 4], key: { $0 }, time: { $0 }) else {
            Issue.record("3 is from before the subscribe, 4 is not")
            return
        }
        #expect(both.past == [3] && both.present == [4])
    }
}
