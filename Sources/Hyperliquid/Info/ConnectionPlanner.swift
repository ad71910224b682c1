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
        configuration: ClientConfiguration, spareConnectionCount: Int
    ) throws(HyperliquidError) {
        if let problem = configuration.problem { throw HyperliquidError(code: .invalidConfiguration, message: problem) }
        var engine = configuration.engine
        engine.spareConnectionCount = spareConnectionCount
        planner = Planner(configuration: engine)
    }

    /// Adds a subscriber of a feed, with its request as it was given.
    package func add(_ feed: any Feed, given json: [UInt8]) {
        let request = feed.request
        given[request] = given[request] ?? json
        planner.add(request, feed.traits)
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
