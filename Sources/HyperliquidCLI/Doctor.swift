internal import ArgumentParser
internal import Hyperliquid

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a network end to end: connections, pings, every feed, limits.",
        discussion: """
            Prints a line for each check, with what to do where one fails. Exit status: 0 when all is well, else 1.
            """)

    @OptionGroup var place: NetworkOptions

    @Flag(help: "The checks as one JSON array.")
    var json = false

    func run() async throws {
        let checks: [Check]
        do {
            checks = try await place.withNetwork { network in try await examine(network) }
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        if json { Output.bytes(Check.json(checks)) }
        guard checks.allSatisfy(\.isPassed) else { throw ExitCode.failure }
    }

    private func examine(_ network: HyperliquidNetwork) async throws -> [Check] {
        var checks = await DoctorChecks.connection(to: network.api, name: "api", wantsVenuePing: true)
        show(checks)
        let explorer = await DoctorChecks.connection(to: network.explorer, name: "explorer", wantsVenuePing: false)
        show(explorer)
        checks += explorer
        // Every feed would only say the same again.
        guard checks.contains(where: { $0.name == "api upgrade" && $0.isPassed }) else { return checks }
        let rest = try await withHyperliquidClient(network: network) { client in
            let feeds = await DoctorChecks.feeds(on: client)
            return await feeds + DoctorChecks.limits(of: client)
        }
        show(rest)
        return checks + rest
    }

    private func show(_ checks: [Check]) {
        guard !json else { return }
        for check in checks { Output.line(check.line) }
    }
}
