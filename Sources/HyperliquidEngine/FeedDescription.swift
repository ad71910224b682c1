package import HyperliquidWire

/// What never changes of an identity that somebody wants: its request, its traits and what they say for placement.
///
/// A value by what it can do, and a class so that copying who has it counts one reference, not ten: a upstream subscription
/// subscription is looked at and put back some twenty times before it is live.
package final class FeedDescription: Hashable, Sendable {
    package let request: FeedRequest
    package let traits: FeedTraits
    package let ambiguityKey: AmbiguityKey
    /// Whose feed it is, if it is somebody's.
    package let user: String?

    package init(_ request: FeedRequest, _ traits: FeedTraits) {
        self.request = request
        self.traits = traits
        ambiguityKey = AmbiguityKey(traits)
        user = request.user
    }

    package static func == (lhs: FeedDescription, rhs: FeedDescription) -> Bool {
        lhs === rhs || (lhs.request == rhs.request && lhs.traits == rhs.traits)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(request) }
}
