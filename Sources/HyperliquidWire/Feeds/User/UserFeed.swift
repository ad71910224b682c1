/// A feed of the catalogue whose only required parameter is a user.
///
/// A conforming type names itself and describes its traits, its event and its decoding. The request, the line of the
/// catalogue and the initialiser from named parameters are derived; a feed with further parameters replaces them.
public protocol UserFeed: CatalogueFeed {
    /// The venue's name of the subscription type.
    static var typeName: String { get }
    /// What the feed delivers, in a few words.
    static var summary: String { get }
    /// How well the feed is known; `.current` by default.
    static var status: FeedDescriptor.Status { get }
    /// The user.
    var user: Address { get }
    /// Creates the feed of a user.
    init(user: Address)
}

extension UserFeed {
    /// Returns `.current` by default.
    public static var status: FeedDescriptor.Status { .current }

    /// The line of the catalogue: one parameter, the user.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: typeName, parameters: [.user], summary: summary, status: status, example: Self(user: .example))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// `{"type":…,"user":…}`
    public var request: FeedRequest {
        FeedRequest(type: Self.typeName, fields: [("user", .string(user.description))])
    }
}
