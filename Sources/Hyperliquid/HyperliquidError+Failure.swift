internal import HyperliquidEngine

extension HyperliquidError {
    /// The error of a subscription that the engine ended.
    init(_ failure: Engine.Failure, request: FeedRequest) {
        switch failure {
        case .refused(let text):
            self.init(.refused, "The venue refused \(request): \"\(text)\".")
        case .poisoned:
            self.init(
                .poisoned,
                "The venue closes the connection whenever \(request) is asked for; check the coin's spelling and case, "
                    + "whether it is still listed, and the parameters.")
        case .timedOut(let reason):
            self.init(.timedOut, "\(request) was not acknowledged in time: it waited for \(reason.sentence).")
        case .limitReached(let reason):
            self.init(.limitReached, "\(request) cannot be asked for now: it would wait for \(reason.sentence).")
        case .neverFits(let reason):
            self.init(.neverFits, "\(request) can never be asked for: \(reason.closure).")
        case .clientEnded:
            self.init(.clientEnded, "The client ended before \(request) was acknowledged.")
        }
    }
}

extension WaitReason {
    /// That this limit leaves no room at all, and what would help.
    fileprivate var closure: String {
        switch self {
        case .subscriptionLimit: "`limits.subscriptionCount` is 0, which allows no subscription; raise it"
        case .userLimit: "`limits.userCount` is 0, which allows no user's feed; raise it"
        case .start, .connection, .connectionLimit, .messageLimit, .acknowledgement, .unsubscription, .probe:
            "it would wait for \(sentence)"
        }
    }

    /// What is waited for, and what would help.
    var sentence: String {
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
