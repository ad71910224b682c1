package import HyperliquidWire

/// The constant part of an upstream subscription: its request, its traits and what they mean for placement.
///
/// A class with the semantics of a value: a copy of an upstream subscription then counts one reference instead of ten,
/// and one is looked at some twenty times before it is live.
package final class FeedDescription: Hashable, Sendable {
    package let request: FeedRequest
    package let traits: FeedTraits
    package let ambiguityKey: AmbiguityKey
    /// The user whose feed it is; `nil` for market data.
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
