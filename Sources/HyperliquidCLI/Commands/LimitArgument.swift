internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator

/// A limit as written on the command line, for example `users=15`.
struct LimitArgument {
    /// The limits, by the names that plans and summaries show.
    enum Name: String, CaseIterable {
        case connections, spareConnections, dialsPerMinute, subscriptions, subscriptionsPerConnection, users
        case usersPerConnection, userLingerSeconds, messagesPerMinute, messagesPerSecond, postsInFlight
        case sharedPerConnection

        /// Whether 0 is allowed.
        var takesZero: Bool {
            switch self {
            case .spareConnections, .userLingerSeconds, .subscriptions, .users, .postsInFlight: true
            case .connections, .dialsPerMinute, .subscriptionsPerConnection, .usersPerConnection, .messagesPerMinute,
                .messagesPerSecond, .sharedPerConnection:
                false
            }
        }
    }

    let name: Name
    let value: Int

    /// The limits of a plan.
    static let planned = Name.allCases
    /// The limits that the exchange keeps.
    static let simulated = Name.allCases.filter { $0 != .spareConnections && $0 != .sharedPerConnection }

    /// Names of limits, for messages.
    static func names(_ names: [Name]) -> String { names.map(\.rawValue).joined(separator: ", ") }

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
        guard let name = known.first(where: { Self.folded($0.rawValue) == Self.folded(parts[0]) }) else {
            throw ValidationError("There is no limit '\(parts[0])'; use one of \(names).")
        }
        let least = name.takesZero ? 0 : 1
        guard let value = Int(parts[1]), (least...1_000_000).contains(value) else {
            throw ValidationError(
                "--limit \(name.rawValue) takes a whole number from \(least) to 1000000, not '\(parts[1])'.")
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
        case .connections: configuration.limits.connectionCount = value
        case .dialsPerMinute: configuration.limits.dialsPerMinute = value
        case .subscriptions: configuration.limits.subscriptionCount = value
        case .subscriptionsPerConnection: configuration.limits.subscriptionsPerConnection = value
        case .users: configuration.limits.userCount = value
        case .usersPerConnection: configuration.limits.usersPerConnection = value
        case .userLingerSeconds: configuration.limits.userLinger = .seconds(value)
        case .messagesPerMinute: configuration.limits.messagesPerMinute = value
        case .messagesPerSecond: configuration.limits.messagesPerSecond = value
        case .postsInFlight: configuration.limits.postsInFlight = value
        case .sharedPerConnection:
            if case .isolated = configuration.policy { configuration.policy = .isolated(sharedLimit: value) }
        case .spareConnections: break
        }
    }

    /// Sets the limit in the configuration of a simulated exchange.
    func apply(to configuration: inout ExchangeConfiguration) {
        switch name {
        case .connections: configuration.connectionLimit = value
        case .dialsPerMinute: configuration.connectionsPerMinuteLimit = value
        case .subscriptions: configuration.subscriptionLimit = value
        case .subscriptionsPerConnection: configuration.subscriptionsPerConnectionLimit = value
        case .users: configuration.userLimit = value
        case .usersPerConnection: configuration.usersPerConnectionLimit = value
        case .userLingerSeconds: configuration.userLinger = .seconds(value)
        case .messagesPerMinute: configuration.messagesPerMinuteLimit = value
        case .messagesPerSecond: configuration.messagesPerSecondLimit = value
        case .postsInFlight: configuration.postLimit = value
        case .sharedPerConnection, .spareConnections: break  // They are the client's own.
        }
    }
}
