internal import HyperliquidEngine
package import HyperliquidWire

/// What a client would do with feeds, without a network: for the command line's `plan`.
///
/// A class, so that its size does not depend on the engine's: who uses it does not see the engine's imports, and an
/// incremental build would not compile him anew when they change.
package final class ConnectionPlanner {
    /// A plan, written for programs and for people.
    package struct Result: Sendable {
        /// One JSON object.
        package let json: [UInt8]
        /// Slot, endpoint, kind, feed, reason.
        package let feedRows: [[String]]
        /// Name, used, allowed.
        package let limitRows: [[String]]
        /// Feed, from, to, reason.
        package let moveRows: [[String]]
        package let liveAfter: Duration
        /// Whether everything has a place.
        package let isComplete: Bool
    }

    private var planner: Planner
    /// Requests as they were given first.
    private var given: [FeedRequest: [UInt8]] = [:]

    /// Plans for clients of this configuration.
    /// - Throws: a description of the first field out of its range.
    package init(
        configuration: ClientConfiguration, spareConnectionCount: Int
    ) throws(HyperliquidError) {
        if let problem = configuration.problem { throw HyperliquidError(.invalidConfiguration, problem) }
        var engine = configuration.engine
        engine.spareConnectionCount = spareConnectionCount
        planner = Planner(configuration: engine)
    }

    /// One subscriber of a feed more, with its request as it was given.
    package func add(_ feed: any Feed, given json: [UInt8]) {
        let request = feed.request
        given[request] = given[request] ?? json
        planner.add(request, feed.traits)
    }

    /// One subscriber less; false when there is none.
    package func remove(_ feed: any Feed) -> Bool { planner.remove(feed.request) }

    /// What goes where, once everything is live that can be.
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
