/// A feed of the catalogue whose only required parameter is a user.
///
/// A conforming type supplies ``typeName``, ``summary``, ``Feed/traits`` and the decoding. The request, the descriptor
/// and the initialiser from named parameters have defaults, which a feed with further parameters overrides.
public protocol UserFeed: CatalogueFeed {
    /// The venue's name of the subscription type.
    static var typeName: String { get }
    /// What the feed delivers, in a few words.
    static var summary: String { get }
    /// Whether the venue documents and serves the feed; `.current` by default.
    static var status: FeedDescriptor.Status { get }
    /// The user.
    var user: Address { get }
    /// Creates the feed of a user.
    init(user: Address)
}

extension UserFeed {
    /// `.current`: documented and served.
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
