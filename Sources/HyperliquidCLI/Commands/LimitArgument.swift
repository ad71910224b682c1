internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator

/// A limit as written on the command line, for example `users=15`.
struct LimitArgument {
    /// A limit that the exchange keeps too, or one of the client's own.
    enum Name: Hashable {
        case exchange(ExchangeConfiguration.Limit)
        case spareConnections, sharedPerConnection

        /// The name that plans and summaries show.
        var text: String {
            switch self {
            case .exchange(let limit): limit.rawValue
            case .spareConnections: "spareConnections"
            case .sharedPerConnection: "sharedPerConnection"
            }
        }

        var range: ClosedRange<Int> {
            switch self {
            case .exchange(let limit): limit.range
            case .spareConnections: 0...1_000_000
            case .sharedPerConnection: 1...1_000_000
            }
        }
    }

    let name: Name
    let value: Int

    /// The limits that the exchange keeps.
    static let simulated = ExchangeConfiguration.Limit.allCases.map(Name.exchange)
    /// The limits of a plan.
    static let planned = simulated + [.spareConnections, .sharedPerConnection]

    /// Names of limits, for messages.
    static func names(_ names: [Name]) -> String { names.map(\.text).joined(separator: ", ") }

    /// Reads a limit.
    /// - Throws: `ValidationError` with the names if the text names none of them, or with the range if its value is out
    ///   of it.
    init(_ text: String, among known: [Name]) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = Self.names(known)
        guard parts.count == 2 else {
            throw ValidationError(
                "'\(text)' is not a limit; write for example --limit users=15. The names are \(names).")
        }
        guard let name = known.first(where: { Self.folded($0.text) == Self.folded(parts[0]) }) else {
            throw ValidationError("There is no limit '\(parts[0])'; use one of \(names).")
        }
        guard let value = Int(parts[1]), name.range.contains(value) else {
            throw ValidationError(
                "--limit \(name.text) takes a whole number from \(name.range.lowerBound) to \(name.range.upperBound), "
                    + "not '\(parts[1])'.")
        }
        self.name = name
        self.value = value
    }

    /// The name in lower case, without hyphens and underscores.
    private static func folded(_ name: some StringProtocol) -> String {
        name.lowercased().filter { $0 != "-" && $0 != "_" }
    }

    /// Sets the limit in a client's configuration. The number of spare connections is not part of it.
    func apply(to configuration: inout ClientConfiguration) {
        switch name {
        case .exchange(let limit): apply(limit, to: &configuration.limits)
        case .sharedPerConnection:
            if case .isolated = configuration.policy { configuration.policy = .isolated(sharedLimit: value) }
        case .spareConnections: break
        }
    }

    private func apply(_ limit: ExchangeConfiguration.Limit, to limits: inout VenueLimits) {
        switch limit {
        case .connections: limits.connections = value
        case .dialsPerMinute: limits.dialsPerMinute = value
        case .subscriptions: limits.subscriptions = value
        case .subscriptionsPerConnection: limits.subscriptionsPerConnection = value
        case .users: limits.users = value
        case .usersPerConnection: limits.usersPerConnection = value
        case .userLingerSeconds: limits.userLinger = .seconds(value)
        case .messagesPerMinute: limits.messagesPerMinute = value
        case .messagesPerSecond: limits.messagesPerSecond = value
        case .requestWeightPerMinute: limits.requestWeightPerMinute = value
        case .postsInFlight: limits.postsInFlight = value
        }
    }

    /// Sets the limit in the configuration of a simulated exchange; the client's own limits are not part of it.
    func apply(to configuration: inout ExchangeConfiguration) {
        if case .exchange(let limit) = name { configuration.set(limit, to: value) }
    }
}
