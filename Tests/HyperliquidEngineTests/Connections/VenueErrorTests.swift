import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct VenueErrorTests {
    static let trades = FeedRequest(type: "trades", fields: [("coin", "ETH")])

    @Test(arguments: [
        (#"Already subscribed: {"coin":"ETH","type":"trades"}"#, VenueError.alreadySubscribed(trades)),
        (#"Already unsubscribed: {"type":"trades","coin":"ETH"}"#, .alreadyUnsubscribed(trades)),
        ("Cannot track more than 15 total users.", .tooManyUsers(text: "Cannot track more than 15 total users.")),
        (
            "Cannot subscribe to more than 1000 channels.",
            .tooManySubscriptions(text: "Cannot subscribe to more than 1000 channels.")
        ),
        (
            "Cannot send more than 2000 messages per minute.",
            .tooManyMessages(text: "Cannot send more than 2000 messages per minute.")
        ),
        (
            "too many pending post requests id=41",
            .tooManyPosts(id: 41, text: "too many pending post requests id=41")
        ),
        ("Something new", .other("Something new")),
        ("Already subscribed: {", .other("Already subscribed: {…}")),
    ]) func `an error text is read by its beginning`(_ text: String, _ error: VenueError) {
        #expect(VenueError(text: text) == error)
    }

    @Test(arguments: ["Invalid subscription ", "Invalid subscription: "])
    func `an invalid subscription is read with either punctuation`(
        _ prefix: String
    ) {
        let text = prefix + #"{"type":"trades","coin":"ETH"}"#
        #expect(VenueError(text: text) == .invalidSubscription(Self.trades, text: text))
    }

    private static let signature = "0x" + String(repeating: "ab", count: 32)
    private static let post =
        #"{"method":"post","id":4,"request":{"type":"action","payload":{"action":{"type":"cancel"},"nonce":1,"#
        + #""signature":{"r":"\#(signature)","s":"0x1f","v":27}}}}"#

    static let shown: [(words: String, shown: String)] = [
        (
            "Error parsing JSON into valid websocket request: \(post)",
            "Error parsing JSON into valid websocket request: {…}"
        ),
        ("Error: \(post.prefix(120))", "Error: {…}"), ("Odd \(post) end", "Odd {…}"),
        (#"Odd {"type":"action","payload":{"signature":{"r":"0x1f"}}}"#, "Odd {…}"),
        (#"Odd {"type":"trades","signature":"0x1f"}"#, "Odd {…}"),
        ("bad signature [\(signature), 0x1f]", "bad signature [0x…, 0x1f]"),
        (
            "User or API Wallet 0x" + String(repeating: "1", count: 40) + " does not exist.",
            "User or API Wallet 0x" + String(repeating: "1", count: 40) + " does not exist."
        ),
        (#"Unknown coin: {"type":"trades","coin":"ETH"}"#, #"Unknown coin: {"type":"trades","coin":"ETH"}"#),
        ("one\nline\u{1b}[2J", "one line [2J"),
        (String(repeating: "xyz", count: 200), String(repeating: "xyz", count: 100) + "…"),
    ]

    @Test(arguments: shown) func `of the venue's words, nothing of a post is shown`(words: String, shown: String) {
        #expect(VenueText.shown(words) == shown)
        #expect(VenueError(text: words).text == shown)
    }

    @Test func `an error about a post keeps the post's id and not its words`() {
        let text = "Error parsing JSON into valid websocket request: \(Self.post)"
        #expect(
            VenueError(text: text)
                == .unreadablePost(id: 4, text: "Error parsing JSON into valid websocket request: {…}"))
    }

    @Test func `an unreadable request is read with our own white space`() {
        let text =
            "Error parsing JSON into valid websocket request: "
            + #"{ "method" : "subscribe", "subscription" : { "type":"trades", "coin":"ETH" } }"#
        #expect(VenueError(text: text) == .unreadableRequest(.subscribe, Self.trades, text: text))
    }
}
