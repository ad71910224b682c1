internal import ArgumentParser
internal import Hyperliquid

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show which connection carries which feeds, and why, without subscribing to any.",
        discussion: """
            A feed is written as for 'watch'; '-' reads feeds from standard input, one per line. With --trace, standard \
            input has one change per line, {"op":"add","feed":{…}} or {"op":"remove","feed":{…}}, and a plan is printed \
            after each, with the feeds that had to move to another connection. Exit status: 0 if every feed has a \
            connection, 1 if one has not, 64 for an invalid command line.

            The network is only used for a coin with *, as in bbo:*: the exchange is asked which coins it lists.
            """)

    @OptionGroup var networkOptions: NetworkOptions

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
        help: "The feeds to plan for, or '-' to read them from standard input.", completion: FeedCompletion.kind)
    var feeds: [String]

    func validate() throws {
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC, or '-'.") }
        if trace, feeds != ["-"] { throw ValidationError("--trace reads standard input; write 'plan --trace -'.") }
        _ = try makePlanner()
        if !trace { _ = try FeedArgument.parse(feeds.filter { $0 != "-" }) }
    }

    func run() async throws {
        let planner = try makePlanner()
        let printer = PlanPrinter(isJSON: json, isTrace: trace)
        if trace {
            let changes = try PlanTrace.changes()
            let universe = try await universe(for: changes.map(\.argument))
            guard try PlanTrace(printer).run(changes, universe, planner) else { throw ExitCode.failure }
            return
        }
        var arguments: [FeedArgument] = []
        for text in feeds { arguments += text == "-" ? try Self.standardInput() : [try FeedArgument.parse([text])[0]] }
        guard !arguments.isEmpty else {
            throw ValidationError("Standard input has no feed; write one per line, for example trades:BTC.")
        }
        let universe = try await universe(for: arguments)
        for argument in arguments { planner.add(try Self.expanded(argument, universe)) }
        let plan = planner.plan(withMoves: false)
        printer.show(plan)
        if !plan.isComplete { throw ExitCode.failure }
    }

    /// What the exchange lists; empty if no feed has a pattern, so that nobody needs to know.
    private func universe(for arguments: [FeedArgument]) async throws -> Universe {
        guard arguments.contains(where: { $0.feed == nil }) else { return Universe([]) }
        try networkOptions.require(" to learn which coins there are")
        return try await networkOptions.universe()
    }

    fileprivate static func expanded(_ argument: FeedArgument, _ universe: Universe) throws -> [FeedArgument] {
        do throws(FeedParameterError) {
            return try argument.expanded(in: universe)
        } catch {
            throw ValidationError("'\(argument.text)': \(error)")
        }
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
        for row in rows { table.add(row.map(KnownCoins.spellOut)) }
        return table.text
    }
}

/// Makes changes one after the other, and prints a plan after each.
private struct PlanTrace {
    /// The change of one line.
    struct Change {
        let number: Int
        let isAddition: Bool
        let argument: FeedArgument
    }

    private let printer: PlanPrinter

    init(_ printer: PlanPrinter) {
        self.printer = printer
    }

    /// The changes on standard input. All lines are read first, so that a mistake is reported before anything is printed.
    static func changes() throws -> [Change] { try Files.lines("-").map { try change($1, $0) } }

    /// Returns whether every change was possible and every feed has a connection.
    func run(_ changes: [Change], _ universe: Universe, _ planner: ConnectionPlanner) throws -> Bool {
        var hasSucceeded = true
        for change in changes {
            let arguments = try PlanCommand.expanded(change.argument, universe)
            if change.isAddition {
                planner.add(arguments)
            } else {
                for argument in arguments where !planner.remove(argument) {
                    Output.error("line \(change.number): cannot remove \(argument.text), which was not added before")
                    hasSucceeded = false
                }
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
            return Change(number: number, isAddition: operation == #""add""#, argument: try FeedArgument(feed))
        } catch {
            throw ValidationError("Line \(number), '\(line)': \(error)")
        }
    }
}

extension ConnectionPlanner {
    fileprivate func add(_ arguments: [FeedArgument]) {
        for argument in arguments {
            if let feed = argument.feed { add(feed, given: argument.shown) }
        }
    }

    fileprivate func remove(_ argument: FeedArgument) -> Bool { argument.feed.map { remove($0) } ?? false }
}
