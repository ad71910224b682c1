import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Rhythm") struct CadenceTests {
    private func cadence(_ seconds: [Int64]) -> Cadence {
        var cadence = Cadence()
        for second in seconds { cadence.heard(at: .start.advanced(by: .seconds(second))) }
        return cadence
    }

    @Test(
        arguments: [
            // Never tighter than 30 s, however fast it ticks; four of its own longest intervals.
            ([0, 1, 2, 3], 33), ([0, 20, 40, 60], 140), ([0, 1, 2, 22, 23], 103),
        ] as [([Int64], Int64)]) func `silence is judged by the feed's own cadence`(_ seconds: [Int64], _ stale: Int64)
    {
        #expect(cadence(seconds).staleAt(shortest: .seconds(30)) == .start.advanced(by: .seconds(stale)))
    }

    @Test func `an unknown cadence is not judged for a long time`() {
        #expect(cadence([0, 1]).staleAt(shortest: .seconds(30)) >= .start.advanced(by: .seconds(600)))
    }
}
