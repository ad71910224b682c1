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
            /// Only feeds of the type `shared`, or none.
            case shared
            /// Only feeds of the type `dedicated`: one, or with the policy `packed` several that can be told apart.
            case dedicated
            /// Only feeds of the type `userGrouped`.
            case userGrouped
            /// Feeds of several kinds.
            case mixed
            /// One suspected feed at a time, tried alone because a connection died when it was asked for.
            case trial
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
        /// How many of its dials have failed, and how often it was lost or closed.
        public let reconnectCount: Int
        /// Why the connection ended, or its dial failed, the last time; `nil` if neither has happened.
        public let lastClose: String?
        /// The last errors, at most four, oldest first: lost connections, failed dials, connections that did not answer
        /// a ping, feeds that fell silent, refusals because of a limit, and errors of the venue that name no
        /// subscription.
        public let lastErrors: [String]
        /// The usage of the limits of one connection: `subscriptionsPerConnection` and `usersPerConnection`.
        public let limits: [Limit]

        /// Makes a value, for tests of code that reads one.
        public init(
            id: UInt64, kind: Kind, state: State, endpoint: String, age: Duration? = nil, feeds: [FeedRequest] = [],
            movingFeeds: [FeedRequest] = [], reasons: [String] = [], reconnectCount: Int = 0, lastClose: String? = nil,
            lastErrors: [String] = [], limits: [Limit] = []
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
            self.limits = limits
        }
    }

    /// The usage of one limit of the venue.
    public struct Limit: Sendable {
        /// The limit's name, for example `messagesPerMinute`.
        public let name: String
        /// How much is used now.
        public let used: Int
        /// How much may be used: the configured number; after a refusal of the venue the number accepted then, and one
        /// more once another try is due.
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

    /// The evidence for the true value of a limit. The value remains an estimate: the venue has named four different
    /// limits on users.
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
            /// How many the venue had accepted when it refused one more. This number is the limit until another try is
            /// due.
            public let acceptedCount: Int
            /// The number that the venue stated; `nil` if it stated none.
            public let statedCount: Int?
            /// When another try is due, in milliseconds since 1970 by the local clock; in the past if nothing has been
            /// tried since.
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
        /// The last refusal; `nil` if there was none.
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

    /// The messages of one channel that belonged to no subscription.
    public struct UnroutedChannel: Hashable, Sendable {
        /// The channel's name, cut off after 31 bytes; `others` for all channels beyond the first sixteen.
        public let channel: String
        /// The number of its messages since the client was made.
        public let messageCount: Int

        /// Makes a value, for tests of code that reads one.
        public init(channel: String, messageCount: Int) {
            self.channel = channel
            self.messageCount = messageCount
        }
    }

    /// The connections, oldest first.
    public let connections: [Connection]
    /// The usage of each limit, over all clients of the network in this process. The limits of one connection show the
    /// fullest connection of this client. The names are those of `hyperliquid plan`.
    public let limits: [Limit]
    /// The number of messages that belonged to no subscription or request: late ones, unknown channels, texts that are
    /// not JSON.
    public let unroutedCount: Int
    /// Which channels the messages without a subscription named, in the order of their first one: late messages of a
    /// subscription that has ended, channels that the client does not know, keys that fit no subscription. At most
    /// sixteen channels, and then `others`. Messages without a channel are in ``unroutedCount`` only.
    public let unroutedChannels: [UnroutedChannel]
    /// The number of callbacks that took about 10 ms or more, since the client was made. Nothing else is received while
    /// a callback runs.
    public let slowCallCount: Int
    /// For each address at which no dial has succeeded since: why the last dial failed, or the last connection was lost.
    /// The API's comes first, then the explorer's. They stay when the connections that failed are no longer needed.
    public let lastFailures: [ConnectionFailure]

    /// How far the local time of day is ahead of the venue's clock; negative if it is behind. It is estimated from the
    /// fastest live message of the last 5 to 10 min, and contains that message's time on the way. `nil` before the first
    /// live message with a time stamp.
    public let clockSkew: Duration?

    /// Makes a value, for tests of code that reads one.
    public init(
        connections: [Connection], limits: [Limit] = [], unroutedCount: Int = 0,
        unroutedChannels: [UnroutedChannel] = [], slowCallCount: Int = 0, lastFailures: [ConnectionFailure] = [],
        clockSkew: Duration? = nil
    ) {
        self.connections = connections
        self.limits = limits
        self.unroutedCount = unroutedCount
        self.unroutedChannels = unroutedChannels
        self.slowCallCount = slowCallCount
        self.lastFailures = lastFailures
        self.clockSkew = clockSkew
    }
}

extension ConnectionInfo: CustomStringConvertible, CustomDebugStringConvertible {
    /// The numbers of connections and feeds, and the limits that are used, in one line.
    public var description: String {
        let open = connections.count { $0.state == .open }
        let feedCount = connections.reduce(0) { $0 + $1.feeds.count }
        let used = limits.filter { $0.used > 0 }.map(\.description)
        return "\(open) of \(connections.count) connections open, \(feedCount) feeds"
            + (used.isEmpty ? "" : "; " + used.joined(separator: ", "))
    }

    /// All connections and limits, a line each.
    public var debugDescription: String {
        let lines =
            [description] + connections.map(\.debugDescription) + limits.map(\.description)
            + unroutedChannels.map { "\($0.messageCount) messages of \($0.channel) without a subscription" }
            + lastFailures.map(\.message)
        return lines.joined(separator: "\n")
    }
}

extension ConnectionInfo.Connection: CustomStringConvertible, CustomDebugStringConvertible {
    /// The number, the state and the kind of the connection, and the number of its feeds, in one line.
    public var description: String {
        "connection \(id) to \(endpoint): \(state.rawValue), \(kind.rawValue), \(feeds.count) feeds"
    }

    /// The same with the feeds, the reasons and the last errors.
    public var debugDescription: String {
        ([description] + feeds.map { "  \($0)" } + reasons.map { "  \($0)" } + lastErrors.map { "  error: \($0)" })
            .joined(separator: "\n")
    }
}

extension ConnectionInfo.Limit: CustomStringConvertible {
    /// The name, the use and the limit.
    public var description: String { "\(name) \(used) of \(limit)" }
}
