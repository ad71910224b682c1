/// Short texts for a user.
///
/// Its messages name no user, so the notification feeds of two users never share a connection. Texts lost in a gap are
/// never repeated.
public struct NotificationFeed: UserFeed {
    /// The user.
    public let user: Address

    /// Creates the feed.
    public init(user: Address) {
        self.user = user
    }

    /// `notification`.
    public static var typeName: String { "notification" }
    /// What the feed delivers.
    public static var summary: String { "short texts for a user" }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "notification", snapshot: .none, delivery: .buffered, priority: .low)
    }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<UserNotification> {
        let event = try UserNotification(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension FeedChoice {
    /// Short texts for a user.
    public static func notification(user: Address) -> FeedChoice<NotificationFeed> {
        .feed(NotificationFeed(user: user))
    }
}

/// A short text for a user, without a time or the user's address.
///
/// Source: docs/protocol.md, "notification".
public struct UserNotification: Hashable, Sendable {
    /// The venue's text, for example about a fill.
    public let text: String

    /// Creates a user notification.
    public init(text: String) {
        self.text = text
    }
}

extension UserNotification: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("notification", text)
        writer.endObject()
    }
}
