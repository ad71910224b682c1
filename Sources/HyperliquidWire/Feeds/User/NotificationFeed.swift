/// Short texts for a user.
///
/// Its messages name no user, so two users never share a connection. What a gap hides is lost for ever.
public struct NotificationFeed: UserFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `notification`.
    public static var typeName: String { "notification" }
    /// What the feed delivers.
    public static var summary: String { "short texts for a user" }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "notification", route: .channel, routeKey: [],
            snapshot: .none, delivery: .buffered, priority: .low)
    }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<UserNotification> {
        let event = try UserNotification(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == NotificationFeed {
    /// Short texts for a user.
    public static func notification(user: Address) -> NotificationFeed {
        NotificationFeed(user: user)
    }
}

/// A short text for a user, without a time or the user's address.
///
/// Source: docs/protocol.md, "notification".
public struct UserNotification: Hashable, Sendable {
    /// The venue's words, for example of a fill.
    public let text: String

    /// Puts the fields together.
    public init(
        text: String
    ) {
        self.text = text
    }
}

extension UserNotification: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var text: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "notification": text = try reader.readString()
            default: try reader.skipUnknown()
            }
        }
        self.text = try reader.require(text, "notification", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("notification", text)
        writer.endObject()
    }
}
