internal import HyperliquidEngine
package import HyperliquidWire

/// Plans the connections of a client without a network, for the command line's `plan`.
///
/// A class, because the size of a struct would depend on the engine's size. The code that uses the planner does not
/// import the engine, so an incremental build would not recompile that code when the engine changes.
package final class ConnectionPlanner {
    /// A plan, written for programs and for people.
    package struct Result: Sendable {
        /// One JSON object.
        package let json: [UInt8]
        /// Rows of connection, endpoint, kind, feed and reason.
        package let feedRows: [[String]]
        /// Rows of limit name, number in use and number allowed.
        package let limitRows: [[String]]
        /// Rows of feed, old connection, new connection and reason.
        package let moveRows: [[String]]
        /// How long it takes until everything is live.
        package let liveAfter: Duration
        /// Whether every feed has a connection.
        package let isComplete: Bool
    }

    private var planner: Planner
    /// The requests as they were first given, by their canonical form.
    private var given: [FeedRequest: [UInt8]] = [:]

    /// Makes a planner for clients of this configuration.
    /// - Throws: ``HyperliquidError``, code `invalidConfiguration`, if a field is out of its range.
    package init(
        configuration: ClientConfiguration, spareConnectionCount: Int? = nil
    ) throws(HyperliquidError) {
        if let problem = configuration.problem { throw HyperliquidError(code: .invalidConfiguration, message: problem) }
        var engine = configuration.engine
        if let spareConnectionCount { engine.spareConnectionCount = spareConnectionCount }
        planner = Planner(configuration: engine)
    }

    /// Adds a subscriber of a feed, with its request as it was given.
    package func add(_ feed: any Feed, given json: [UInt8]) {
        let request = feed.request
        given[request] = given[request] ?? json
        planner.add(request, feed.traits)
    }

    /// Adds a subscriber of a request with these traits.
    func add(_ request: FeedRequest, _ traits: FeedTraits) { planner.add(request, traits) }

    /// Returns the plan of some of the requests.
    func subscriptionPlan(of requests: [FeedRequest]) -> SubscriptionPlan {
        let plan = planner.plan()
        let asked = Set(requests)
        return SubscriptionPlan(
            requests: requests,
            waiting: plan.unplaced.filter { asked.contains($0.request) }.map {
                .init(request: $0.request, limit: $0.limit, reason: $0.why, remedy: $0.help)
            },
            connectionCount: plan.slots.count,
            limits: plan.limits.map { .init(name: $0.name, used: $0.used, limit: $0.limit) },
            liveAfter: plan.liveAfter)
    }

    /// Removes a subscriber of a feed.
    /// - Returns: `false` if there is none.
    package func remove(_ feed: any Feed) -> Bool { planner.remove(feed.request) }

    /// Returns the plan for the time when every feed that can be live is live.
    package func plan(withMoves: Bool) -> Result {
        let plan = planner.plan()
        var writer = JSONWriter()
        plan.write(to: &writer, withMoves: withMoves) { request in
            if let json = given[request] { return json }
            var writer = JSONWriter()
            writer.value(request)
            return writer.bytes
        }
        return Result(
            json: writer.bytes, feedRows: plan.feedRows, limitRows: plan.limitRows, moveRows: plan.moveRows,
            liveAfter: plan.liveAfter, isComplete: plan.unplaced.isEmpty)
    }
}

/// The fate of subscriptions that are yet to be made: which fit, which would wait, and for which limit.
///
/// ```swift
/// print(try await client.plan(toEach: .perpetuals(dex: "xyz"), of: { .l2Book($0) }))
/// // 14 subscriptions, all placed on 1 connection, live after 0 ms
/// ```
public struct SubscriptionPlan: Sendable, CustomStringConvertible {
    /// A subscription that has no place.
    public struct Waiting: Hashable, Sendable {
        /// The feed, as the venue is asked for it.
        public let request: FeedRequest
        /// The limit that leaves no place: its name in ``ClientConfiguration/limits``, for example `subscriptions`.
        public let limit: String
        /// Why there is no place, in a sentence.
        public let reason: String
        /// What would help.
        public let remedy: String
    }

    /// The use of one limit.
    public struct Limit: Hashable, Sendable {
        /// The limit's name in ``ClientConfiguration/limits``.
        public let name: String
        /// The number in use; for a limit per minute or per second, the largest number in any such span.
        public let used: Int
        /// The number that is allowed.
        public let limit: Int
    }

    /// The feeds that the subscriptions ask for, in order.
    public let requests: [FeedRequest]
    /// Those of them that have no place. They would wait until others end.
    public let waiting: [Waiting]
    /// The number of connections that the client then has.
    public let connectionCount: Int
    /// The use of every limit, by this client's subscriptions and these.
    public let limits: [Limit]
    /// How long it takes until everything that has a place is live, if the venue answers at once.
    public let liveAfter: Duration

    /// The plan in a sentence.
    public var description: String {
        let connections = connectionCount == 1 ? "1 connection" : "\(connectionCount) connections"
        let milliseconds = Int64((liveAfter / .milliseconds(1)).rounded())
        let placed = requests.count - waiting.count
        let count = requests.count == 1 ? "1 subscription" : "\(requests.count) subscriptions"
        guard let reason = shortage else {
            return "\(count), all placed on \(connections), live after \(milliseconds) ms"
        }
        return "\(count), \(placed) of them placed on \(connections), live after \(milliseconds) ms; \(reason)"
    }

    /// How many would wait, and for which limits; `nil` if none would.
    var shortage: String? {
        guard !waiting.isEmpty else { return nil }
        let names = Set(waiting.map(\.limit)).sorted().map { name in
            limits.first { $0.name == name }.map { "\(name) (\($0.used) of \($0.limit))" } ?? name
        }
        return "\(waiting.count) would wait for the limit on \(names.joined(separator: " and "))"
    }
}
