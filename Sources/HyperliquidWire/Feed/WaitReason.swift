/// What a subscription waits for before it is live. Its description says what would help.
public enum WaitReason: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// The client does not run yet.
    case start
    /// Its connection is being dialled, or is waiting for the next dial.
    case connection
    /// All allowed connections are in use.
    case connectionLimit
    /// All allowed subscriptions are in use.
    case subscriptionLimit
    /// All allowed users are in use, or still counted by the venue.
    case userLimit
    /// Its turn to be sent has not come.
    case messageLimit
    /// It has been sent, and the venue has not answered.
    case acknowledgement
    /// An earlier subscription to the same feed is still being ended.
    case unsubscription
    /// It is suspected of having killed its connection, and waits to be tried alone.
    case trial

    /// Whether it waits for a limit of the venue that only the end of another subscription frees.
    package var isLimit: Bool {
        switch self {
        case .connectionLimit, .subscriptionLimit, .userLimit: true
        case .start, .connection, .messageLimit, .acknowledgement, .unsubscription, .trial: false
        }
    }

    /// What is waited for, and what would help, as the object of "it waits for".
    public var description: String {
        switch self {
        case .start: "the client to run; call `run()` in a task of its own"
        case .connection: "its connection; check that the venue can be reached"
        case .connectionLimit:
            "a free connection; end subscriptions that need one of their own, or raise `limits.connections`"
        case .subscriptionLimit: "a free subscription; end some, or raise `limits.subscriptions`"
        case .userLimit: "a free user; end another user's subscriptions, or raise `limits.users`"
        case .messageLimit: "its turn to be sent under `limits.messagesPerSecond` and `limits.messagesPerMinute`"
        case .acknowledgement: "the venue's acknowledgement"
        case .unsubscription: "the end of an earlier subscription to the same feed"
        case .trial: "a trial on a connection of its own, because a connection died when it was asked for"
        }
    }
}
