/// What a client's connections are and carry, and what is used of the venue's limits.
public struct ConnectionInfo: Sendable {
    /// One place for a connection.
    public struct ConnectionSlot: Sendable {
        /// How far a slot's connection has come.
        public enum State: String, Hashable, Sendable {
            /// Not connected; the next dial waits for its time or for a free connection.
            case waiting
            /// Being dialled.
            case dialling
            /// Open.
            case open
            /// Being closed.
            case closing
        }

        /// The kind of feeds a slot carries.
        public enum Kind: String, Hashable, Sendable {
            /// Only feeds that may share with any other.
            case shared
            /// Only feeds that need a connection of their own.
            case dedicated
            /// Only feeds of users.
            case userGrouped
            /// Several kinds.
            case mixed
            /// One suspect at a time, tried alone because a connection died when it was asked for.
            case probe
        }

        /// Its number, never used twice.
        public let id: UInt64
        /// What it carries.
        public let kind: Kind
        /// Its connection's state.
        public let state: State
        /// The address it dials.
        public let endpoint: String
        /// How long its connection has been open.
        public let age: Duration?
        /// What it carries, oldest first.
        public let feeds: [FeedRequest]
        /// Feeds on their way to it or from it, oldest first: subscribed on this connection as well as on the one that
        /// carries them, until the move is done.
        public let movingFeeds: [FeedRequest]
        /// Why it is there, and why each of its feeds is on it that is kept apart from another slot: sentences for
        /// people, as `hyperliquid plan` prints them.
        public let reasons: [String]
        /// How often its connection ended.
        public let reconnectCount: Int
        /// Why its last connection ended.
        public let lastClose: String?
        /// What went wrong on it lately, oldest first, at most four: broken connections, failed dials, errors of the
        /// venue that name no subscription.
        public let lastErrors: [String]
        /// What is used of what one connection may carry: `subscriptionsPerConnection`, `usersPerConnection`.
        public let budget: [Limit]
    }

    /// One limit of the venue.
    public struct Limit: Sendable {
        /// Its name, as in `VenueLimits`.
        public let name: String
        /// How much is used.
        public let used: Int
        /// How much may be used; less than configured while a refusal of the venue is believed.
        public let limit: Int
        /// What the limit rests on, where the venue's answers teach something of it.
        public let evidence: Evidence?

        init(name: String, used: Int, limit: Int, evidence: Evidence? = nil) {
            self.name = name
            self.used = used
            self.limit = limit
            self.evidence = evidence
        }
    }

    /// What is known of a cap of the venue. It stays an estimate: four figures for users alone have been seen.
    public struct Evidence: Hashable, Sendable {
        /// Over what the venue counts.
        public enum Scope: String, Hashable, Sendable {
            /// All connections of an IP address.
            case address
            /// One connection.
            case connection
        }

        /// One more than the venue accepts.
        public struct Refusal: Hashable, Sendable {
            /// How many the venue had accepted when it refused one more: believed for a while.
            public let acceptedCount: Int
            /// The number in the venue's words, if there was one.
            public let statedCount: Int?
            /// When one more is tried, in milliseconds since 1970 by the local clock; it may lie in the past.
            public let retryMilliseconds: Int64
        }

        /// Over what it counts.
        public let scope: Scope
        /// What the client's configuration allows, which is never passed.
        public let configured: Int
        /// What the venue's documentation says, where it says something.
        public let documented: Int?
        /// The most that the venue was seen to have accepted at once.
        public let acceptedCount: Int
        /// The last refusal, while it is believed.
        public let refusal: Refusal?
    }

    /// The slots, oldest first.
    public let slots: [ConnectionSlot]
    /// The limits with what is used.
    public let limits: [Limit]
    /// Messages that belonged to no subscription: late ones, unknown channels, texts that are no JSON.
    public let unroutedCount: Int
    /// Calls of subscribers' callbacks that took 10 ms or more, during which everything else had to wait.
    public let slowCallCount: Int
}
