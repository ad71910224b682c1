internal import HyperliquidWire

/// Writes whole messages: the exchange's data in the envelope `{"channel":…,"data":…}`.
enum MessageEnvelope {
    static func message(_ channel: String, _ data: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", channel)
        writer.key("data")
        data(&writer)
        writer.endObject()
        return writer.bytes
    }

    static func message(_ channel: String, _ data: some JSONWritable) -> [UInt8] {
        message(channel) { $0.value(data) }
    }

    /// A value without an envelope, as the explorer and `/info` send it.
    static func bare(_ value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    /// The message that brings an event of a feed.
    static func message<F: CatalogueFeed>(of event: F.Event, on feed: F) -> [UInt8] {
        feed.traits.endpoint == .explorer ? bare(event) : message(feed.traits.channel, event)
    }

    // MARK: Answers to requests

    static let pong = Array(#"{"channel":"pong"}"#.utf8)

    static func error(_ text: String) -> [UInt8] { message("error") { $0.value(text) } }

    /// The acknowledgement of a subscribe or unsubscribe, with the venue's echo of the subscription.
    static func acknowledgement(of method: String, _ request: FeedRequest, changesCase: Bool) -> [UInt8] {
        message("subscriptionResponse") { writer in
            writer.beginObject()
            writer.field("method", method)
            writer.key("subscription")
            SubscriptionEcho.write(request, to: &writer, changesCase: changesCase)
            writer.endObject()
        }
    }

    /// The answer to a post over the socket (docs/protocol.md, "R27").
    static func postAnswer(id: Int64, _ response: (inout JSONWriter) -> Void) -> [UInt8] {
        message("post") { writer in
            writer.beginObject()
            writer.field("id", id)
            writer.key("response")
            response(&writer)
            writer.endObject()
        }
    }
}

/// An unknown key with a long text, which makes a message larger without changing its meaning.
struct MessagePadding: Hashable, Sendable {
    /// The number of bytes of the text.
    let byteCount: Int
    /// Whether the key is the first one of the message, and not the last one.
    let isFirst: Bool

    /// The message with the padding: in its envelope, or in the first or last row of the explorer's.
    func applied(to message: [UInt8]) -> [UInt8] {
        let text = Array(repeating: UInt8(ascii: "x"), count: byteCount)
        let padding = #""padding":""#.utf8 + text + [UInt8(ascii: "\"")]
        if isFirst {
            guard let brace = message.firstIndex(of: UInt8(ascii: "{")) else { return message }
            return message[...brace] + padding + [UInt8(ascii: ",")] + message[(brace + 1)...]
        }
        guard let brace = message.lastIndex(of: UInt8(ascii: "}")) else { return message }
        return message[..<brace] + [UInt8(ascii: ",")] + padding + message[brace...]
    }
}
