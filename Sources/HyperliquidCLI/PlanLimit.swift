internal import ArgumentParser
internal import Hyperliquid

/// A limit as the command line spells it: `users=15`.
struct PlanLimit: ExpressibleByArgument {
    /// The limits by the names that plans and summaries show.
    enum Name: String, CaseIterable {
        case connections, spareConnections, dialsPerMinute, subscriptions, subscriptionsPerConnection, users
        case usersPerConnection, userLingerSeconds, messagesPerMinute, messagesPerSecond, postsInFlight
        case sharedPerConnection

        /// Whether none is a limit that makes sense.
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

    init?(argument: String) {
        // Parsed again in `validate`, where the error can say what is wrong.
        guard let parsed = try? PlanLimit(argument) else { return nil }
        self = parsed
    }

    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
        guard parts.count == 2 else {
            throw ValidationError("'\(text)' is no limit; write for example --limit users=15. The names are \(names).")
        }
        guard let name = Name.allCases.first(where: { Self.folded($0.rawValue) == Self.folded(parts[0]) }) else {
            throw ValidationError("No limit is called '\(parts[0])'; use one of \(names).")
        }
        let least = name.takesZero ? 0 : 1
        guard let value = Int(parts[1]), (least...1_000_000).contains(value) else {
            throw ValidationError(
                "--limit \(name.rawValue) takes a whole number from \(least) to 1000000, not '\(parts[1])'.")
        }
        self.name = name
        self.value = value
    }

    /// A name without regard to case, hyphens and underscores.
    private static func folded(_ name: some StringProtocol) -> String {
        name.lowercased().filter { $0 != "-" && $0 != "_" }
    }

    /// Sets the limit in a client's configuration; the spare connections are the planner's.
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
}
