/// How subscriptions are spread over connections.
public enum PlacementPolicy: Hashable, Sendable {
    /// The fewest connections that the limits allow, such that no connection carries two feeds whose messages cannot be
    /// told apart.
    case packed
    /// The three connection types taken literally: all `shared` feeds together, at most `sharedLimit` of them on one
    /// connection; each `dedicated` feed alone; each user's feeds together.
    case isolated(sharedLimit: Int)

    /// Isolated, with at most 200 shared feeds on one connection.
    public static let isolated = PlacementPolicy.isolated(sharedLimit: 200)
}
