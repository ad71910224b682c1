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
        ("Already subscribed: {", .other("Already subscribed: {")),
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

    @Test func `an unreadable request is read with our own white space`() {
        let text =
            "Error parsing JSON into valid websocket request: "
            + #"{ "method" : "subscribe", "subscription" : { "type":"trades", "coin":"ETH" } }"#
        #expect(VenueError(text: text) == .unreadableRequest(.subscribe, Self.trades, text: text))
    }
}
