package import HyperliquidWire

extension Exchange {
    /// What becomes of a subscription, limits aside.
    package enum Verdict: Hashable, Sendable {
        case served
        /// It kills its connection.
        case poison
        /// It is refused in words.
        case refused
    }

    /// What the exchange thinks of a request.
    package func verdict(on request: FeedRequest) -> Verdict {
        do throws(SubscriptionProblem) {
            _ = try market.topic(of: SubscriptionEcho.normalised(request))
            return .served
        } catch {
            return error == .poison ? .poison : .refused
        }
    }

    /// Whether the exchange has the subscription on a connection.
    package func has(_ request: FeedRequest, on id: ConnectionID) -> Bool {
        // What cannot be read is on no connection.
        guard let index = index(of: id), let topic = try? market.topic(of: SubscriptionEcho.normalised(request)) else {
            return false
        }
        return connections[index].subscriptions[topic] != nil
    }
}
