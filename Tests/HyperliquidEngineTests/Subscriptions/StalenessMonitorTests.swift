import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct StalenessMonitorTests {
    private let feed = UpstreamID(1)
    private let other = UpstreamID(2)

    private func monitor() -> StalenessMonitor { StalenessMonitor(configuration: EngineConfiguration()) }

    /// A monitor that has heard a feed at these seconds.
    private func monitor(hearing seconds: [Int64]) -> StalenessMonitor {
        var monitor = monitor()
        for second in seconds { monitor.ticked(feed, at: at(second)) }
        return monitor
    }

    /// Takes all stale feeds, with every feed live.
    private func allStale(_ monitor: inout StalenessMonitor, at now: Instant) -> [UpstreamID] {
        var stale: [UpstreamID] = []
        while let (id, _) = monitor.popStale(at: now, isLive: { _ in true }) { stale.append(id) }
        return stale
    }

    private func remedyTaken(_ id: UpstreamID, _ monitor: inout StalenessMonitor) -> StalenessMonitor.Remedy? {
        monitor.takeRemedy(of: id)
    }

    @Test(
        arguments: [
            ([0], 600), ([0, 5], 600), ([0, 5, 10], 600),
            // The cadence is known with the third interval: 30 s, or four of the longest interval.
            ([0, 5, 10, 15], 45), ([0, 20, 40, 60], 140),
        ] as [([Int64], Int64)])
    func `a feed is looked at when its silence would count`(seconds: [Int64], check: Int64) {
        #expect(monitor(hearing: seconds).deadline == at(check))
    }

    @Test func `a monitor without a feed has no deadline and finds none stale`() {
        var monitor = monitor()
        #expect(monitor.deadline == nil)
        #expect(allStale(&monitor, at: at(10_000)) == [])
    }

    @Test func `a feed that brings nothing after it is live is reported, ever more rarely, until it brings something`()
    {
        var monitor = monitor()
        var now = Instant.start
        var waits: [Int64] = []
        for _ in 0..<9 {
            monitor.becameLive(feed, at: now)
            let due = monitor.deadline ?? now
            #expect(allStale(&monitor, at: due.advanced(by: .nanoseconds(-1))) == [])
            #expect(monitor.silentSince(feed) == (waits.count > 2 ? .start : nil))
            #expect(monitor.silentCount == (waits.count > 2 ? 1 : 0))
            let stale = monitor.popStale(at: due, isLive: { _ in true })
            #expect(stale?.id == feed)
            let remedy: StalenessMonitor.Remedy = waits.count == 1 ? .otherConnection : .renewal
            #expect(stale?.remedy == remedy)
            #expect(remedyTaken(feed, &monitor) == remedy)
            #expect(remedyTaken(feed, &monitor) == nil)
            waits.append(now.duration(to: due).components.seconds)
            now = due.advanced(by: .seconds(3))
        }
        #expect(waits == [30, 30, 30, 60, 120, 240, 480, 600, 600])
        monitor.becameLive(feed, at: now)
        monitor.ticked(feed, at: now)
        #expect(monitor.silentSince(feed) == nil && monitor.silentCount == 0)
        monitor.reset(feed)
        monitor.becameLive(feed, at: now)
        #expect(monitor.deadline == now.advanced(by: .seconds(30)))
        monitor.forget(feed)
        #expect(monitor.deadline == nil)
    }

    @Test func `a feed that falls silent is reported once, and its cadence is observed anew`() {
        var monitor = monitor(hearing: [0, 5, 10, 15])
        #expect(allStale(&monitor, at: at(44)) == [])
        #expect(allStale(&monitor, at: at(45)) == [feed])
        #expect(monitor.deadline == nil)
        monitor.ticked(feed, at: at(50))
        #expect(monitor.deadline == at(650))
    }

    @Test func `a feed that has ticked since is looked at again later`() {
        var monitor = monitor(hearing: [0, 5, 10, 15, 20, 25])
        #expect(monitor.deadline == at(45))
        #expect(allStale(&monitor, at: at(45)) == [])
        #expect(monitor.deadline == at(55))
        #expect(allStale(&monitor, at: at(55)) == [feed])
    }

    @Test func `a feed that is not live is not reported and not looked at again`() {
        var monitor = monitor(hearing: [0, 5, 10, 15])
        let stale = monitor.popStale(at: at(100), isLive: { _ in false })
        #expect(stale == nil)
        #expect(monitor.deadline == nil)
    }

    @Test func `a reset forgets the cadence of a feed`() {
        var monitor = monitor(hearing: [0, 5, 10, 15])
        monitor.reset(feed)
        #expect(allStale(&monitor, at: at(100)) == [])
        monitor.ticked(feed, at: at(100))
        #expect(monitor.deadline == at(700))
    }

    @Test func `what is to be done about a silent feed is forgotten when it is asked for again`() {
        var monitor = monitor(hearing: [0, 5, 10, 15])
        #expect(allStale(&monitor, at: at(45)) == [feed])
        monitor.reset(feed)
        #expect(remedyTaken(feed, &monitor) == nil)
        #expect(remedyTaken(other, &monitor) == nil, "a feed that is not watched")
    }

    @Test func `silence begins with the last message`() {
        var monitor = monitor(hearing: [0, 5, 10, 15])
        for second in [45, 75, 105] as [Int64] {
            #expect(allStale(&monitor, at: at(second)) == [feed])
            monitor.becameLive(feed, at: at(second))
        }
        #expect(monitor.silentSince(feed) == at(15))
    }

    @Test func `several stale feeds are reported one after the other, the earliest first`() {
        var monitor = monitor()
        for second in [0, 1, 2, 3] as [Int64] {
            monitor.ticked(feed, at: at(second + 1))
            monitor.ticked(other, at: at(second))
        }
        #expect(allStale(&monitor, at: at(100)) == [other, feed])
    }
}

@Suite struct CadenceTests {
    private func cadence(_ seconds: [Int64]) -> Cadence {
        var cadence = Cadence()
        for second in seconds { cadence.heard(at: at(second)) }
        return cadence
    }

    @Test(
        arguments: [
            // However fast it ticks, not before 30 s; then four of its own longest intervals.
            ([0, 1, 2, 3], 33), ([0, 20, 40, 60], 140), ([0, 1, 2, 22, 23], 103),
        ] as [([Int64], Int64)])
    func `a feed is stale after four of its longest intervals, but never before the shortest staleness`(
        _ seconds: [Int64], _ stale: Int64
    ) {
        #expect(cadence(seconds).staleAt(shortest: .seconds(30)) == at(stale))
    }

    @Test func `a feed of unknown cadence is not stale within ten minutes`() {
        #expect(cadence([0, 1]).staleAt(shortest: .seconds(30)) >= at(600))
        #expect(cadence([0, 1]).staleAt(shortest: .seconds(100)) == at(1001), "ten times a long shortest staleness")
    }

    @Test func `a feed that was never heard is never stale`() {
        #expect(cadence([]).staleAt(shortest: .seconds(30)) == Instant(nanoseconds: .max))
    }

    @Test func `an interval counts among the last sixteen only`() {
        let afterPause: [Int64] = [0] + (100...116)
        #expect(cadence(Array(afterPause.dropLast())).staleAt(shortest: .seconds(30)) == at(115 + 400))
        #expect(cadence(afterPause).staleAt(shortest: .seconds(30)) == at(116 + 30))
    }
}
