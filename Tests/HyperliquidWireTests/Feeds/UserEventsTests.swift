import HyperliquidWire
import Synchronization
import Testing

@Suite("User events") struct UserEventsTests {
    static let parts: [(key: String, json: String)] = [
        ("fills", #""fills":[]"#), ("nonUserCancel", #""nonUserCancel":[{"coin":"ETH","oid":7}]"#),
        (
            "funding",
            #""funding":{"time":1,"coin":"ETH","usdc":"-0.4","szi":"2.0","fundingRate":"0.1","nSamples":null}"#
        ),
        ("twapHistory", #""twapHistory":[]"#), ("twapSliceFills", #""twapSliceFills":[]"#),
    ]

    /// The events that a subscriber gets from one message, as JSON.
    func events(_ data: String) throws -> (events: [String], outcome: _DispatchOutcome) {
        let dispatcher = _FeedDispatcher(feed: UserEventsFeed(user: .example))
        let seen = Mutex<[String]>([])
        dispatcher.attach(
            _FeedSubscriber(
                .callback { event in
                    guard case .update(let event) = event else { return }
                    seen.withLock { $0.append(encoded(event)) }
                }, conflates: false, queue: _FlushQueue()))
        let outcome = try withReader(#"{"channel":"user","data":{\#(data)}}"#) { (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            return UserEventsFeed._dispatch(&reader, into: dispatcher)
        }
        return (seen.withLock { $0 }, outcome)
    }

    @Test func `each two events of one message arrive, in the order of the message`() throws {
        for first in Self.parts {
            for second in Self.parts where second.key != first.key {
                let (seen, outcome) = try events(first.json + "," + second.json)
                #expect(seen == ["{\(first.json)}", "{\(second.json)}"])
                #expect(outcome == .delivered)
            }
        }
        #expect(try events(Self.parts.map(\.json).joined(separator: ",")).events == Self.parts.map { "{\($0.json)}" })
    }

    @Test(arguments: [
        // Of a repeated key the last value counts, as everywhere.
        (
            #""nonUserCancel":[],"fills":[],"nonUserCancel":[{"coin":"ETH","oid":7}]"#,
            [#"{"fills":[]}"#, #"{"nonUserCancel":[{"coin":"ETH","oid":7}]}"#]
        ),
        // An unknown key is an event only if there is no known one.
        (#""new":1,"fills":[],"newer":2"#, [#"{"fills":[]}"#]),
        (#""new":1,"newer":[2]"#, [#"{"new":1}"#, #"{"newer":[2]}"#]),
    ])
    func `further keys of a message are read by rule`(_ data: String, _ expected: [String]) throws {
        #expect(try events(data).events == expected)
    }

    @Test func `a message whose second event is damaged gives none`() throws {
        let (seen, outcome) = try events(#""fills":[],"nonUserCancel":[{"coin":"ETH"}]"#)
        #expect(seen == [])
        #expect(outcome == .fault)
    }

    @Test func `the memory holds what one result cannot`() throws {
        var memory = UserEventsFeed.Memory()
        let decoded = try withReader(#"{"channel":"user","data":{"fills":[],"nonUserCancel":[]}}"#) {
            (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            return try UserEventsFeed.decode(&reader, memory: &memory)
        }
        guard case .update(.fills) = decoded else { return #expect(Bool(false)) }
        #expect(Array(memory.further) == [.nonUserCancel([])])
    }
}
