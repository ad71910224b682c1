import HyperliquidWire
import Testing

@Suite("Round trips") struct RoundTripTests {
    @Test(arguments: Fixtures.all)
    func `an encoded event equals the venue's message`(_ fixture: Fixture) throws {
        let outcome = fixture.outcome()
        #expect(outcome.fault == nil)
        #expect(outcome.unknownCount == 0)
        #expect(outcome.isMine)
        let tree = try #require(JSONTree(fixture.message))
        let data = try fixture.event.map { try #require(JSONTree($0)) } ?? tree["data"] ?? tree
        let event = try #require(outcome.events.first.flatMap { JSONTree($0) })
        #expect(outcome.events.count == 1)
        #expect(event.sorted == data.sorted)
    }
}
