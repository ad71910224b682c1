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
    package func has(_ request: FeedRequest, on id: ExchangeConnectionID) -> Bool {
        // What cannot be read is on no connection.
        guard let index = index(of: id), let topic = try? market.topic(of: SubscriptionEcho.normalised(request)) else {
            return false
        }
        return connections[index].subscriptions[topic] != nil
    }

    /// The number of the subscription that a connection has, by which its messages are known.
    package func number(of request: FeedRequest, on id: ExchangeConnectionID) -> SubscriptionNumber? {
        // What cannot be read is on no connection.
        guard let topic = try? market.topic(of: SubscriptionEcho.normalised(request)),
            let place = streams.place(of: topic)
        else { return nil }
        return streams[place]?.subscribers.first { $0.id == id && $0.late == nil }?.number
    }
}
