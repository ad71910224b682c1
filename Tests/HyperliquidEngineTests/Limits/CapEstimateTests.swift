import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct CapEstimateTests {
    private func minute(_ minute: Int64) -> Instant { .start.advanced(by: .seconds(60 * minute)) }

    @Test func `the configured count holds until a refusal and is never exceeded`() {
        var cap = CapEstimate(configured: 10)
        #expect(cap.limit(at: .start) == 10)
        cap.refused(beyond: 14, stated: 14, at: .start)
        #expect(cap.limit(at: .start) == 10)
    }

    @Test func `a refusal is believed for a time that doubles with each further refusal`() {
        var cap = CapEstimate(configured: 50)
        cap.refused(beyond: 10, stated: 10, at: .start)
        #expect(cap.limit(at: minute(9)) == 10)
        #expect(cap.nextChange(after: minute(9)) == minute(10))
        #expect(cap.limit(at: minute(10)) == 11)
        cap.refused(beyond: 10, stated: 10, at: minute(10))
        #expect(cap.limit(at: minute(29)) == 10)
        #expect(cap.nextChange(after: minute(10)) == minute(30))
    }

    @Test func `refusals of requests already under way count as one refusal`() {
        var cap = CapEstimate(configured: 50)
        for _ in 0..<20 { cap.refused(beyond: 10, stated: 10, at: .start) }
        #expect(cap.nextChange(after: .start) == minute(10))
    }

    @Test func `an acceptance beyond the estimate raises it`() {
        var cap = CapEstimate(configured: 50)
        cap.refused(beyond: 10, stated: nil, at: .start)
        cap.accepted(12)
        #expect(cap.limit(at: .start) == 12)
        #expect(cap.acceptedCount == 12)
    }
}
