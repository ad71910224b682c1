internal import HyperliquidEngine

extension SubscriptionInfo.Wait: CustomStringConvertible {
    init(_ reason: WaitReason) {
        self =
            switch reason {
            case .start: .start
            case .connection: .connection
            case .connectionLimit: .connectionLimit
            case .subscriptionLimit: .subscriptionLimit
            case .userLimit: .userLimit
            case .messageLimit: .messageLimit
            case .acknowledgement: .acknowledgement
            case .unsubscription: .unsubscription
            case .probe: .probe
            }
    }

    /// What is waited for, and what would help.
    public var description: String {
        switch self {
        case .start: "the client to run; call `run()` in a task of its own"
        case .connection: "its connection; check that the venue can be reached"
        case .connectionLimit:
            "a free connection; end subscriptions that need one of their own, or raise `limits.connectionCount`"
        case .subscriptionLimit: "a free subscription; end some, or raise `limits.subscriptionCount`"
        case .userLimit: "a free user; end another user's subscriptions, or raise `limits.userCount`"
        case .messageLimit: "its turn to be sent under `limits.messagesPerSecond` and `limits.messagesPerMinute`"
        case .acknowledgement: "the venue's acknowledgement"
        case .unsubscription: "the end of an earlier subscription of the same feed"
        case .probe: "a trial on a connection of its own, because a connection died when it was asked for"
        }
    }
}
