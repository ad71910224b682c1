internal import ArgumentParser
internal import Hyperliquid

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show which connection carries which feeds, and why, without using the network.",
        discussion: """
            A feed is written as for 'watch'; '-' reads feeds from standard input, one per line. With --trace, standard \
            input has one change per line, {"op":"add","feed":{…}} or {"op":"remove","feed":{…}}, and a plan is printed \
            after each, with the feeds that had to move to another connection. Exit status: 0 if every feed has a \
            connection, 1 if one has not, 64 for an invalid command line.
            """)

    @Option(help: PlacementPolicyArgument.help)
    var policy = PlacementPolicyArgument.packed

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            """
            A limit to plan with instead of the default, for example users=15; may be repeated. The names are \
            \(LimitArgument.names(LimitArgument.planned)).
            """, valueName: "name=value"))
    var limitTexts: [String] = []

    @Flag(help: "Read changes from standard input, one JSON object per line, and print a plan after each.")
    var trace = false

    @Flag(help: "Print each plan as one JSON object.")
    var json = false

    @Argument(
        help: "The feeds to plan for, or '-' to read them from standard input.", completion: FeedArgument.completion)
    var feeds: [String]

    func validate() throws {
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC, or '-'.") }
        if trace, feeds != ["-"] { throw ValidationError("--trace reads standard input; write 'plan --trace -'.") }
        _ = try makePlanner()
        if !trace { _ = try FeedArgument.parse(feeds.filter { $0 != "-" }) }
    }

    func run() throws {
        let planner = try makePlanner()
        let printer = PlanPrinter(isJSON: json, isTrace: trace)
        if trace {
            guard try PlanTrace(printer).run(planner) else { throw ExitCode.failure }
            return
        }
        var arguments: [FeedArgument] = []
        for text in feeds { arguments += text == "-" ? try Self.standardInput() : [try FeedArgument.parse([text])[0]] }
        guard !arguments.isEmpty else {
            throw ValidationError("Standard input has no feed; write one per line, for example trades:BTC.")
        }
        for argument in arguments { planner.add(argument.feed, given: argument.shown) }
        let plan = planner.plan(withMoves: false)
        printer.show(plan)
        if !plan.isComplete { throw ExitCode.failure }
    }

    private func makePlanner() throws -> ConnectionPlanner {
        var configuration = ClientConfiguration()
        configuration.policy = policy.connectionPolicy
        var spare = 0
        for limit in try limitTexts.map({ try LimitArgument($0, among: LimitArgument.planned) }) {
            limit.apply(to: &configuration)
            if limit.name == .spareConnections { spare = limit.value }
        }
        guard spare < configuration.limits.connections else {
            throw ValidationError("spareConnections must be less than connections, so that one connection is left.")
        }
        do {
            return try ConnectionPlanner(configuration: configuration, spareConnectionCount: spare)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// The feeds on standard input, one per line; empty lines are ignored.
    private static func standardInput() throws -> [FeedArgument] {
        var arguments: [FeedArgument] = []
        for (number, line) in try Files.lines("-") {
            do throws(FeedParameterError) {
                arguments.append(try FeedArgument(line))
            } catch {
                throw ValidationError("Line \(number), '\(line)': \(error)")
            }
        }
        return arguments
    }
}

/// Prints plans, as JSON or as tables.
private struct PlanPrinter {
    let isJSON: Bool
    let isTrace: Bool

    func show(_ plan: ConnectionPlanner.Result) {
        if isJSON {
            Output.bytes(plan.json)
        } else {
            Output.line(text(plan))
        }
    }

    private func text(_ plan: ConnectionPlanner.Result) -> String {
        var parts = [table(["connection", "endpoint", "kind", "feed", "why"], plan.feedRows)]
        if !plan.moveRows.isEmpty { parts.append(table(["moved", "from", "to", "why"], plan.moveRows)) }
        parts.append(table(["limit", "used", "allowed"], plan.limitRows))
        let milliseconds = plan.liveAfter / .milliseconds(1)
        parts.append("live after \(Int64(milliseconds.rounded())) ms" + (isTrace ? "\n" : ""))
        return parts.joined(separator: "\n\n")
    }

    private func table(_ header: [String], _ rows: [[String]]) -> String {
        var table = Table(header)
        for row in rows { table.add(row) }
        return table.text
    }
}

/// Reads changes from standard input, and prints a plan after each.
private struct PlanTrace {
    /// The change of one line.
    private struct Change {
        let isAddition: Bool
        let argument: FeedArgument
    }

    private let printer: PlanPrinter

    init(_ printer: PlanPrinter) {
        self.printer = printer
    }

    /// Returns whether every change was possible and every feed has a connection.
    func run(_ planner: ConnectionPlanner) throws -> Bool {
        var hasSucceeded = true
        // All lines are read first, so that a mistake is reported before anything is printed.
        let changes = try Files.lines("-").map { number, line in (number, try Self.change(line, number)) }
        for (number, change) in changes {
            if change.isAddition {
                planner.add(change.argument.feed, given: change.argument.shown)
            } else if !planner.remove(change.argument.feed) {
                Output.error("line \(number): cannot remove \(change.argument.text), which was not added before")
                hasSucceeded = false
            }
            let plan = planner.plan(withMoves: true)
            printer.show(plan)
            hasSucceeded = hasSucceeded && plan.isComplete
        }
        return hasSucceeded
    }

    private static func change(_ line: String, _ number: Int) throws -> Change {
        let example = #"write for example {"op":"add","feed":{"type":"trades","coin":"BTC"}}"#
        var operation: String?
        var feed: String?
        do throws(DecodingFault) {
            for (name, value) in try MessageReader.readFields(Array(line.utf8)) {
                let text = String(decoding: value, as: UTF8.self)
                if name == "op" { operation = text }
                if name == "feed" { feed = text }
            }
        } catch {
            throw ValidationError("Line \(number), '\(line)', is not a JSON object (\(error)); \(example).")
        }
        guard let operation, operation == #""add""# || operation == #""remove""# else {
            throw ValidationError("Line \(number), '\(line)': op must be \"add\" or \"remove\"; \(example).")
        }
        guard let feed, feed.hasPrefix("{") else {
            throw ValidationError("Line \(number), '\(line)', has no feed object; \(example).")
        }
        do throws(FeedParameterError) {
            return Change(isAddition: operation == #""add""#, argument: try FeedArgument(feed))
        } catch {
            throw ValidationError("Line \(number), '\(line)': \(error)")
        }
    }
}
