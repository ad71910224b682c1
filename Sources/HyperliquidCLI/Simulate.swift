internal import ArgumentParser
internal import HyperliquidSimulator

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a simulated exchange on this machine.",
        discussion: """
            Prints 'ready ws://127.0.0.1:PORT/ws' once it listens. The explorer's socket is /explorer at the same \
            place; POST /info answers what clients ask at start. Ends on SIGINT and SIGTERM.
            """)

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 0

    @Option(help: "The same seed gives the same market.")
    var seed: UInt64 = 1

    @Option(help: "How much faster than real time the exchange lives, 0.01 to 1000.")
    var speed = 1.0

    @Option(help: "How many times as lively as the venue the market is, 0.01 to 1000.")
    var activity = 1.0

    @Option(help: "The share of messages with keys, words or channels that no client knows, 0 to 1.")
    var schemaDrift = 0.0

    @Option(help: "A JSON file of faults with their times.")
    var faults: String?

    func run() async throws {
        let signals = await Signals()
        var configuration = ExchangeConfiguration()
        configuration.seed = seed
        configuration.speed = speed
        configuration.activity = activity
        configuration.schemaDrift = schemaDrift
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
