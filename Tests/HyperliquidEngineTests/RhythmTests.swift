import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Rhythm") struct RhythmTests {
    private func rhythm(_ seconds: [Int64]) -> Rhythm {
        var rhythm = Rhythm()
        for second in seconds { rhythm.heard(at: .start.advanced(by: .seconds(second))) }
        return rhythm
    }

    @Test(
        arguments: [
            // Never tighter than 30 s, however fast it ticks; four of its own longest intervals.
            ([0, 1, 2, 3], 33), ([0, 20, 40, 60], 140), ([0, 1, 2, 22, 23], 103),
        ] as [([Int64], Int64)]) func `silence is judged by the feed's own rhythm`(_ seconds: [Int64], _ stale: Int64)
    {
        #expect(rhythm(seconds).staleAt(shortest: .seconds(30)) == .start.advanced(by: .seconds(stale)))
    }

    @Test func `an unknown rhythm is not judged for a long time`() {
        #expect(rhythm([0, 1]).staleAt(shortest: .seconds(30)) >= .start.advanced(by: .seconds(600)))
    }
}
