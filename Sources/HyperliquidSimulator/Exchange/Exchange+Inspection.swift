package import HyperliquidWire

extension Exchange {
    /// What the exchange has on a connection, oldest first; nothing when it has no such connection.
    package func subscriptions(on id: ConnectionID) -> [FeedRequest]? {
        index(of: id).map { connections[$0].subscriptions }
    }
}
