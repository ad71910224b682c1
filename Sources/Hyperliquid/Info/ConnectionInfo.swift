/// A client's connections with the feeds on them, and the usage of the venue's limits.
public struct ConnectionInfo: Sendable {
    /// One connection of the client, which is dialled again when it is lost.
    public struct Connection: Sendable {
        /// The state of a connection.
        public enum State: String, Hashable, Sendable {
            /// Not connected: the next dial waits for its time, or for a limit.
            case waiting
            /// Being dialled.
            case dialling
            /// Open.
            case open
            /// Being closed.
            case closing
        }

        /// The kind of feeds on a connection.
        public enum Kind: String, Hashable, Sendable {
            /// Only feeds that may share a connection with any other feed.
            case shared
            /// Only feeds that need a connection of their own.
            case dedicated
            /// Only feeds of users.
            case userGrouped
            /// Feeds of several kinds.
            case mixed
            /// One suspected feed at a time, tried alone because a connection died when it was asked for.
            case probe
        }

        /// The connection's number in this client, from 1. It stays the same when the connection is dialled again, and is
        /// never reused.
        public let id: UInt64
        /// The kind of the feeds on this connection.
        public let kind: Kind
        /// Whether the connection is open, waits for its dial, is being dialled or is being closed.
        public let state: State
        /// The address that it dials.
        public let endpoint: String
        /// How long the connection has been open; `nil` if it is not open.
        public let age: Duration?
        /// The feeds on this connection, oldest first.
        public let feeds: [FeedRequest]
        /// The feeds that are moving to or from this connection, oldest first. Until its move is done, such a feed is
        /// subscribed here as well as on the connection that lists it in `feeds`.
        public let movingFeeds: [FeedRequest]
        /// Why this connection exists, and why each feed that could not share another connection was placed here: one
        /// sentence each, as `hyperliquid plan` prints them.
        public let reasons: [String]
        /// How often the connection was lost or closed.
        public let reconnectCount: Int
        /// Why the connection ended last; `nil` if it never ended.
        public let lastClose: String?
        /// The last errors, at most four, oldest first: lost connections, failed dials, silent connections and feeds,
        /// refusals because of a limit, and errors of the venue that name no subscription.
        public let lastErrors: [String]
        /// The usage of the limits of one connection: `subscriptionsPerConnection` and `usersPerConnection`.
        public let budget: [Limit]

        /// Makes a value, for tests of code that reads one.
        public init(
            id: UInt64, kind: Kind, state: State, endpoint: String, age: Duration? = nil, feeds: [FeedRequest] = [],
            movingFeeds: [FeedRequest] = [], reasons: [String] = [], reconnectCount: Int = 0, lastClose: String? = nil,
            lastErrors: [String] = [], budget: [Limit] = []
        ) {
            self.id = id
            self.kind = kind
            self.state = state
            self.endpoint = endpoint
            self.age = age
            self.feeds = feeds
            self.movingFeeds = movingFeeds
            self.reasons = reasons
            self.reconnectCount = reconnectCount
            self.lastClose = lastClose
            self.lastErrors = lastErrors
            self.budget = budget
        }
    }

    /// The usage of one limit of the venue.
    public struct Limit: Sendable {
        /// The limit's name, for example `messagesPerMinute`.
        public let name: String
        /// How much is used now.
        public let used: Int
        /// How much may be used: lower than configured while a recent refusal of the venue is in effect.
        public let limit: Int
        /// What the limit is based on; `nil` for limits about which the venue's answers say nothing.
        public let evidence: Evidence?

        /// Makes a value, for tests of code that reads one.
        public init(name: String, used: Int, limit: Int, evidence: Evidence? = nil) {
            self.name = name
            self.used = used
            self.limit = limit
            self.evidence = evidence
        }
    }

    /// What is known about the true value of a limit. It stays an estimate: for users alone, the venue has been seen to
    /// name four different numbers.
    public struct Evidence: Hashable, Sendable {
        /// The scope that a limit applies to.
        public enum Scope: String, Hashable, Sendable {
            /// All connections of an IP address.
            case address
            /// One connection.
            case connection
        }

        /// A refusal of the venue to accept one more.
        public struct Refusal: Hashable, Sendable {
            /// How many the venue had accepted when it refused one more. This number is the limit for a while.
            public let acceptedCount: Int
            /// The number that the venue stated; `nil` if it stated none.
            public let statedCount: Int?
            /// When one more is tried, in milliseconds since 1970 by the local clock. It may lie in the past.
            public let retryMilliseconds: Int64

            /// Makes a value, for tests of code that reads one.
            public init(acceptedCount: Int, statedCount: Int?, retryMilliseconds: Int64) {
                self.acceptedCount = acceptedCount
                self.statedCount = statedCount
                self.retryMilliseconds = retryMilliseconds
            }
        }

        /// The scope that the limit applies to.
        public let scope: Scope
        /// The configured limit, which is never exceeded.
        public let configured: Int
        /// The limit in the venue's documentation; `nil` if it documents none.
        public let documented: Int?
        /// The most that the venue has accepted at once.
        public let acceptedCount: Int
        /// The last refusal, while it is in effect.
        public let refusal: Refusal?

        /// Makes a value, for tests of code that reads one.
        public init(scope: Scope, configured: Int, documented: Int?, acceptedCount: Int, refusal: Refusal? = nil) {
            self.scope = scope
            self.configured = configured
            self.documented = documented
            self.acceptedCount = acceptedCount
            self.refusal = refusal
        }
    }

    /// The connections, oldest first.
    public let connections: [Connection]
    /// The usage of each limit, over all clients of the network in this process.
    public let limits: [Limit]
    /// The number of messages that belonged to no subscription: late ones, unknown channels, texts that are not JSON.
    public let unroutedCount: Int
    /// The number of callbacks that took 10 ms or more. Nothing else is received while a callback runs.
    public let slowCallCount: Int

    /// Makes a value, for tests of code that reads one.
    public init(
        connections: [Connection], limits: [Limit] = [], unroutedCount: Int = 0, slowCallCount: Int = 0
    ) {
        self.connections = connections
        self.limits = limits
        self.unroutedCount = unroutedCount
        self.slowCallCount = slowCallCount
    }
}
