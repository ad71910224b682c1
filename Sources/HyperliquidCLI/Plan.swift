internal import ArgumentParser
internal import Hyperliquid

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which feeds go on which connection, and why; no network is used.",
        discussion: """
            A feed is written as for 'watch'; '-' reads feeds from standard input, one a line. With --trace, lines of \
            the form {"op":"add","feed":{…}} or {"op":"remove","feed":{…}} are read, and after each a plan is printed \
            with what had to change its connection. Exit status: 0 everything has a place, 1 something does not, 64 \
            for a bad command line.
            """)

    @Option(help: "How feeds are spread over connections.")
    var policy = Watch.Policy.packed

    @Option(
        name: .customLong("limit"),
        help: "What the venue allows, instead of the cautious defaults, for example users=15; may be repeated.")
    var limitTexts: [String] = []

    @Flag(help: "Read changes, one JSON object a line, and plan after each.")
    var trace = false

    @Flag(help: "One JSON object a plan.")
    var json = false

    @Argument(help: "The feeds to plan for, or '-'.")
    var feeds: [String]

    func validate() throws {
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC, or '-'.") }
        if trace, feeds != ["-"] { throw ValidationError("--trace reads standard input: write 'plan --trace -'.") }
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
        guard !arguments.isEmpty else { throw ValidationError("Standard input names no feed.") }
        for argument in arguments { planner.add(argument.feed, given: argument.shown) }
        let plan = planner.plan(withMoves: false)
        printer.show(plan)
        if !plan.isComplete { throw ExitCode.failure }
    }

    private func makePlanner() throws -> ConnectionPlanner {
        var configuration = ClientConfiguration()
        configuration.policy = policy == .packed ? .packed : .isolated
        var spare = 0
        for limit in try limitTexts.map({ try PlanLimit($0) }) {
            limit.apply(to: &configuration)
            if limit.name == .spareConnections { spare = limit.value }
        }
        guard spare < configuration.limits.connectionCount else {
            throw ValidationError("--limit spareConnections must leave a connection; use less than connections.")
        }
        do {
            return try ConnectionPlanner(configuration: configuration, spareConnectionCount: spare)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// The feeds on standard input; empty lines are left out.
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
