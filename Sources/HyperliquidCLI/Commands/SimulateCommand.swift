internal import ArgumentParser
internal import HyperliquidSimulator

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Serve a simulated exchange on this machine.",
        discussion: """
            Prints 'ready ws://127.0.0.1:PORT/ws' once it listens. The same port also serves the explorer's WebSocket at \
            /explorer and HTTP requests at /info. Runs until SIGINT (Ctrl-C) or SIGTERM. Exit status: 0 after a signal, \
            1 if the exchange cannot be served, 64 for an invalid command line.
            """)

    @Option(help: ArgumentHelp("The port to listen on; 0 picks a free one.", valueName: "number"))
    var port = 0

    @Option(help: ArgumentHelp("The seed of the market; the same seed gives the same market.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "The speed of the exchange's time relative to real time, from 0.01 to 1000.", valueName: "factor"))
    var speed = 1.0

    @Option(
        help: ArgumentHelp(
            "The activity of the market relative to the real one, from 0.01 to 1000.", valueName: "factor"))
    var activity = 1.0

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            """
            A limit that the exchange keeps instead of the venue's, for example users=15; may be repeated. The names \
            are \(LimitArgument.names(LimitArgument.simulated)).
            """, valueName: "name=value"))
    var limitTexts: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share of messages with keys, words or channels that no client knows, from 0 to 1.",
            valueName: "share"))
    var schemaDrift = 0.0

    @Option(
        help: ArgumentHelp(
            """
            A JSON file of faults with their times, for example \
            [{"at_ms":5000,"do":"kill","connection":"oldest"}]. The faults are \
            \(FaultPlan.faultNames.joined(separator: ", ")).
            """, valueName: "file"))
    var faults: String?

    func validate() throws { _ = try limits() }

    private func limits() throws -> [LimitArgument] {
        try limitTexts.map { try LimitArgument($0, among: LimitArgument.simulated) }
    }

    func run() async throws {
        let signals = await Signals()
        var configuration = ExchangeConfiguration()
        configuration.seed = seed
        configuration.speed = speed
        configuration.activity = activity
        configuration.schemaDrift = schemaDrift
        for limit in try limits() { limit.apply(to: &configuration) }
        let exchange: SimulatedExchange
        do {
            if let faults { configuration.faults = try FaultPlan(json: try Files.read(faults)) }
            exchange = try await SimulatedExchange.start(port: port, configuration: configuration)
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        Output.line("ready \(exchange.url)")
        await signals.wait()
        await exchange.stop()
    }
}
