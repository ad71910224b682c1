/// Owns a subscription whose events go to a callback: the subscription ends when the token is released.
///
/// ```swift
/// final class Dashboard {
///     let bitcoin: SubscriptionToken
///
///     init(client: HyperliquidClient) async throws {
///         let id = try await client.subscribe(to: .bbo("BTC"), onEvent: { print($0) })
///         bitcoin = SubscriptionToken(id, of: client)
///     }
/// }
/// ```
public final class SubscriptionToken: Sendable {
    /// The subscription's id, for the client's other calls.
    public let id: SubscriptionID
    private let lease: SubscriptionLease

    /// Makes the owner of a subscription.
    /// - Parameters:
    ///   - id: The id that `subscribe` returned.
    ///   - client: The client of the subscription.
    public init(_ id: SubscriptionID, of client: HyperliquidClient) {
        self.id = id
        lease = SubscriptionLease(id: id, client: client)
    }

    /// Ends the subscription now. Does nothing if it has ended.
    public func cancel() { lease.giveUp() }
}
