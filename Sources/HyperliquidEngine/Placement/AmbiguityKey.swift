package import HyperliquidWire

/// What a message of an identity shows of itself, so that two identities can be told apart or not.
package struct AmbiguityKey: Hashable, Sendable {
    package let endpoint: EndpointKind
    package let channel: String
    let route: RouteScheme
    let routeKey: RouteKey

    package init(_ traits: FeedTraits) {
        endpoint = traits.endpoint
        channel = traits.channel
        route = traits.route
        routeKey = RouteKey(traits.routeKey)
    }

    /// Whether messages of the two cannot be told apart on one connection.
    ///
    /// A channel's messages are read by one scheme: a feed that looks for its key elsewhere, or for none at all (a
    /// raw feed of an unknown type that shares the channel's name), is ambiguous with all the channel's others.
    package func isAmbiguous(with other: AmbiguityKey) -> Bool {
        endpoint == other.endpoint && channel == other.channel && (route != other.route || routeKey == other.routeKey)
    }
}
