import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

/// Nothing that users are shown or that is logged quotes a post.
@Suite("Redaction", .overLoopback, .timeLimit(.minutes(30))) struct RedactionTests {
    private static let r = "0x8f" + String(repeating: "3c", count: 31)
    private static let s = "0x1b" + String(repeating: "d4", count: 31)
    private static let action =
        #"{"action":{"type":"order","orders":[{"a":4,"p":"31337.5"}]},"nonce":17,"#
        + #""signature":{"r":"\#(r)","s":"\#(s)","v":27}}"#
    private static let post = #"{"method":"post","id":1,"request":{"type":"action","payload":\#(action)}}"#
    private static let escaped = post.split(separator: #"""#, omittingEmptySubsequences: false).joined(
        separator: #"\""#)

    /// The venue's answers to the action, and the code of the error.
    static let cases: [(what: String, messages: [String])] = [
        ("a parse error", [Messages.error("Error parsing JSON into valid websocket request: \(escaped)")]),
        (
            "a cut parse error",
            [
                Messages.error("Error parsing JSON into valid websocket request: \(escaped.prefix(200).dropLast())"),
                refusal(#"{"type":"error","payload":"422"}"#),
            ]
        ),
        ("an unknown error", [Messages.error("Odd: \(escaped)"), refusal(#"{"type":"error","payload":"422"}"#)]),
        ("a REST error", [refusal(#"{"type":"error","payload":"422 Unprocessable: \#(escaped)"}"#)]),
        (
            "a refused action",
            [
                refusal(#"{"type":"action","payload":{"status":"err","response":"bad signature \#(escaped)"}}"#)
            ]
        ),
        (
            "a refusal that is an object",
            [
                refusal(#"{"type":"action","payload":{"status":"err","response":\#(post)}}"#)
            ]
        ),
        ("a novel answer", [refusal(#"{"type":"novel","payload":\#(post)}"#)]),
        (
            "numbers alone",
            [
                Messages.error("signature \(r) \(s) 31337.5"), refusal(#"{"type":"error","payload":"\#(r),\#(s)"}"#),
            ]
        ),
    ]

    private static func refusal(_ response: String) -> String {
        #"{"channel":"post","data":{"id":1,"response":\#(response)}}"#
    }

    @Test(arguments: cases.indices)
    func `a signature is shown nowhere`(index: Int) async throws {
        let log = LogInbox()
        let metrics = MetricsRecorder.shared
        try await withScript(configuration: log.configuration) { client, venue in
            let trades = try await client.subscribe(to: .trades("BTC"))
            try await venue.whenReceived(Self.post, send: Self.cases[index].messages)
            let error = try #require(
                await #expect(throws: HyperliquidError.self) { try await client.post(action: Self.action) })
            var dumped = ""
            dump(error, to: &dumped)
            var shown = ["\(error)", String(reflecting: error), error.message, dumped]
            dumped = ""
            dump(await client.connectionInfo(), to: &dumped)
            dump(await client.subscriptions(), to: &dumped)
            shown.append(dumped)
            shown += log.lines.takeAll().map { "\($0)" }
            shown += metrics.labels
            for text in shown {
                #expect(!text.contains(Self.r.dropFirst(2)) && !text.contains(Self.s.dropFirst(2)), "\(text)")
                #expect(!text.contains(#""nonce""#), "\(text)")
            }
            withExtendedLifetime(trades) {}
        }
    }
}
