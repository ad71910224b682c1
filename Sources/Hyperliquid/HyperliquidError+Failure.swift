internal import HyperliquidEngine

extension HyperliquidError {
    /// The error of a subscription that the engine ended.
    init(_ failure: Engine.Failure, request: FeedRequest) {
        switch failure {
        case .refused(let text):
            self.init(.refused, "The venue refused \(request): \"\(text)\".")
        case .poisoned(let retryIn):
            self.init(
                .poisoned,
                "The venue closes the connection whenever \(request) is asked for; check the coin's spelling and case, "
                    + "whether it is still listed, and the parameters. It is not asked for again within the next "
                    + "\(max(1, retryIn.components.seconds / 60)) min.")
        case .timedOut(let reason):
            self.init(
                .timedOut, "\(request) was not acknowledged in time: it waited for \(SubscriptionInfo.Wait(reason)).")
        case .limitReached(let reason):
            self.init(
                .limitReached, "\(request) cannot be asked for now: it would wait for \(SubscriptionInfo.Wait(reason))."
            )
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
            "it would wait for \(SubscriptionInfo.Wait(self))"
        }
    }
}
