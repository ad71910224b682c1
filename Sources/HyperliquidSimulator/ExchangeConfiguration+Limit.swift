extension ExchangeConfiguration {
    /// A limit by the name that `hyperliquid simulate --limit` and ``FaultPlan/init(json:)`` give it.
    public enum Limit: String, Hashable, Sendable, CaseIterable {
        /// ``ExchangeConfiguration/connectionLimit``, at least 1.
        case connections
        /// ``ExchangeConfiguration/connectionsPerMinuteLimit``, at least 1.
        case dialsPerMinute
        /// ``ExchangeConfiguration/subscriptionLimit``.
        case subscriptions
        /// ``ExchangeConfiguration/subscriptionsPerConnectionLimit``, at least 1.
        case subscriptionsPerConnection
        /// ``ExchangeConfiguration/userLimit``.
        case users
        /// ``ExchangeConfiguration/usersPerConnectionLimit``, at least 1.
        case usersPerConnection
        /// ``ExchangeConfiguration/userLinger``, in whole seconds.
        case userLingerSeconds
        /// ``ExchangeConfiguration/messagesPerMinuteLimit``, at least 1.
        case messagesPerMinute
        /// ``ExchangeConfiguration/messagesPerSecondLimit``, at least 1.
        case messagesPerSecond
        /// ``ExchangeConfiguration/requestWeightPerMinuteLimit``, at least 1.
        case requestWeightPerMinute
        /// ``ExchangeConfiguration/postLimit``.
        case postsInFlight

        /// The values that are accepted as text: up to 1,000,000, from 0 or 1 on.
        public var range: ClosedRange<Int> {
            switch self {
            case .userLingerSeconds, .subscriptions, .users, .postsInFlight: 0...1_000_000
            case .connections, .dialsPerMinute, .subscriptionsPerConnection, .usersPerConnection, .messagesPerMinute,
                .messagesPerSecond, .requestWeightPerMinute:
                1...1_000_000
            }
        }
    }

    /// Sets a limit. The value is not checked.
    public mutating func set(_ limit: Limit, to value: Int) {
        switch limit {
        case .connections: connectionLimit = value
        case .dialsPerMinute: connectionsPerMinuteLimit = value
        case .subscriptions: subscriptionLimit = value
        case .subscriptionsPerConnection: subscriptionsPerConnectionLimit = value
        case .users: userLimit = value
        case .usersPerConnection: usersPerConnectionLimit = value
        case .userLingerSeconds: userLinger = .seconds(value)
        case .messagesPerMinute: messagesPerMinuteLimit = value
        case .messagesPerSecond: messagesPerSecondLimit = value
        case .requestWeightPerMinute: requestWeightPerMinuteLimit = value
        case .postsInFlight: postLimit = value
        }
    }
}
