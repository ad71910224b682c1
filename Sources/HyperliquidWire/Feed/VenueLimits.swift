/// What the venue allows one IP address, and so one process: the bounds that a client never passes.
///
/// The defaults keep a margin below what the venue documents (its page on rate limits, read in 2026). Where several
/// processes share an address, each takes its part: 0 subscriptions, users or posts for one that is to have none, and
/// what asks for one there fails at once.
public struct VenueLimits: Hashable, Sendable {
    /// Open connections: 10 by default, which is the documented number; from 1 up.
    public var connectionCount = 10
    /// Dials in any 60 s: 25 by default, documented are 30; from 1 up.
    public var dialsPerMinute = 25
    /// Subscriptions over all connections: 950 by default, documented are 1000; from 0 up.
    public var subscriptionCount = 950
    /// Different users over all connections: 10 by default, which is documented; 15 has been observed; from 0 up.
    public var userCount = 10
    /// Different users on one connection: as many as in all by default; 15 has been observed; from 1 up.
    public var usersPerConnection: Int?
    /// Subscriptions on one connection: as many as in all by default; from 1 up.
    public var subscriptionsPerConnection: Int?
    /// How long the venue counts a user after its last subscription: 15 s by default, 10 to 15 s were observed.
    public var userLinger: Duration = .seconds(15)
    /// Messages sent in any 60 s: 1800 by default, documented are 2000; from 1 up.
    public var messagesPerMinute = 1800
    /// Messages sent in any 1 s: 50 by default, trouble was observed near 100; from 1 up.
    public var messagesPerSecond = 50
    /// Posts without an answer yet: 90 by default, documented are 100; from 0 up.
    public var postsInFlight = 90

    /// The defaults.
    public init() {}

    /// The first field out of its range, with what is right.
    public var problem: String? {
        let counts = [
            ("connectionCount", connectionCount, 1), ("dialsPerMinute", dialsPerMinute, 1),
            ("subscriptionCount", subscriptionCount, 0), ("userCount", userCount, 0),
            ("usersPerConnection", usersPerConnection ?? 1, 1),
            ("subscriptionsPerConnection", subscriptionsPerConnection ?? 1, 1),
            ("messagesPerMinute", messagesPerMinute, 1), ("messagesPerSecond", messagesPerSecond, 1),
            ("postsInFlight", postsInFlight, 0),
        ]
        for (name, value, least) in counts where !(least...1_000_000).contains(value) {
            return "limits.\(name) is \(value); use \(least) to 1000000"
        }
        return userLinger < .zero ? "limits.userLinger is negative; use 0 s or more" : nil
    }
}
