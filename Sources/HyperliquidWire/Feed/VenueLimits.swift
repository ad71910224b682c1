/// The limits within which a process uses the venue. The venue counts per IP address.
///
/// The defaults keep a margin below the documented limits (the venue's page on rate limits, read in 2026). If several
/// processes share an address, divide the limits among them. A process with a limit of 0 subscriptions, users or
/// posts has none: whatever needs one fails at once.
public struct VenueLimits: Hashable, Sendable {
    /// The number of open connections: 10 by default, which is the documented limit; 1 or more.
    public var connections = 10
    /// The number of dials in any 60 s: 25 by default (documented: 30); 1 or more.
    public var dialsPerMinute = 25
    /// The number of subscriptions on all connections: 950 by default (documented: 1000); 0 or more.
    public var subscriptions = 950
    /// The number of different users on all connections: 10 by default, which is the documented limit (15 were
    /// observed); 0 or more.
    public var users = 10
    /// The number of different users on one connection: not limited by default, other than by `users` (15 were
    /// observed); 1 or more.
    public var usersPerConnection: Int?
    /// The number of subscriptions on one connection: not limited by default, other than by `subscriptions`; 1 or
    /// more.
    public var subscriptionsPerConnection: Int?
    /// How long the venue counts a user after its last subscription ended: 15 s by default (10 to 15 s were
    /// observed).
    public var userLinger: Duration = .seconds(15)
    /// The number of messages sent in any 60 s: 1800 by default (documented: 2000); 1 or more.
    public var messagesPerMinute = 1800
    /// The number of messages sent in any second: 50 by default (problems were observed near 100); 1 or more.
    public var messagesPerSecond = 50
    /// The weight of the requests in any 60 s: 1080 by default (documented: 1200, which requests to the REST API share);
    /// 1 or more. Only information requests wait for it.
    public var requestWeightPerMinute = 1080
    /// The number of unanswered posts: 90 by default (documented: 100); 0 or more.
    public var postsInFlight = 90

    /// Creates the default limits.
    public init() {}

    /// The first property that is out of its range, with the valid range; `nil` if all are valid.
    public var problem: String? {
        let counts = [
            ("connections", connections, 1), ("dialsPerMinute", dialsPerMinute, 1),
            ("subscriptions", subscriptions, 0), ("users", users, 0),
            ("usersPerConnection", usersPerConnection ?? 1, 1),
            ("subscriptionsPerConnection", subscriptionsPerConnection ?? 1, 1),
            ("messagesPerMinute", messagesPerMinute, 1), ("messagesPerSecond", messagesPerSecond, 1),
            ("requestWeightPerMinute", requestWeightPerMinute, 1),
            ("postsInFlight", postsInFlight, 0),
        ]
        for (name, value, least) in counts where !(least...1_000_000).contains(value) {
            return "limits.\(name) is \(value); use \(least) to 1000000"
        }
        return userLinger < .zero ? "limits.userLinger is negative; use 0 s or more" : nil
    }
}
