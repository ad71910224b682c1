internal import HyperliquidWire

/// Faults: what happens to connections at once, and how connections end because of a fault.
extension Exchange {
    mutating func perform(_ action: FaultAction, at now: Instant, into effects: inout [Effect]) {
        faults.apply(action)
        switch action {
        case .expire(let target): end(target, .close(code: 1000, reason: "Expired"), at: now, into: &effects)
        case .close(let target, let code, let reason):
            end(target, .close(code: code, reason: reason), at: now, into: &effects)
        case .kill(let target): end(target, .drop, at: now, into: &effects)
        case .silence(let target): change(target) { $0.isSilent = true }
        case .poison(let request, let poison?): poisonLive(SubscriptionEcho.normalised(request), poison, at: now)
        case .enlargeMessage(let request, let byteCount, let paddingFirst):
            enlarge(SubscriptionEcho.normalised(request), byteCount, paddingFirst)
        case .withholdData(let target, let isOn): change(target) { $0.held.isStopped = isOn }
        case .withholdPongs(let target, let isOn): change(target) { $0.withholdsPongs = isOn }
        case .delayData(.zero): change(.all) { $0.held.hurry(at: now) }
        case .jumpClock(let duration):
            market.time.jump(by: duration.nanoseconds / 1_000_000, at: milliseconds(at: now))
        case .sendError(let target, let text):
            change(target) { $0.enqueue(MessageEnvelope.error(text), due: now, resetsIdleClock: false) }
        case .list(let coin): tellOutcomes(market.list(coin), at: now)
        case .delist(let coin): tellOutcomes(market.delist(coin), at: now)
        case .setLimit(let limit, let value):
            configuration.set(limit, to: value)
            limits.configuration = configuration
        case .poison(_, nil), .ignore, .stallUpgrades, .refuseUpgrades, .killAfterSubscribes, .delayData, .delayAnswers,
            .dropAcknowledgements, .reorderAcknowledgements, .glueAcknowledgements, .changeEchoCase, .refuseSubscribes:
            break
        }
    }

    // MARK: Connections

    private func ids(_ target: FaultAction.Target) -> [ConnectionID] {
        let ids = connections.map(\.id)
        switch target {
        case .all: return ids
        case .oldest: return Array(ids.prefix(1))
        case .newest: return Array(ids.suffix(1))
        case .at(let index): return ids.indices.contains(index) ? [ids[index]] : []
        }
    }

    private mutating func change(_ target: FaultAction.Target, _ change: (inout Connection) -> Void) {
        for id in ids(target) {
            if let index = index(of: id) { change(&connections[index]) }
        }
    }

    private mutating func end(
        _ target: FaultAction.Target, _ end: FaultAction.ConnectionEnd, at now: Instant, into effects: inout [Effect]
    ) {
        for id in ids(target) {
            effects.append(Effect(end, of: id))
            closed(id, at: now)
        }
    }

    // MARK: Listings

    /// Tells those who follow the outcomes about one that was listed or settled.
    private mutating func tellOutcomes(_ message: [UInt8]?, at now: Instant) {
        if let message { publish(message, on: FeedRequest(type: "outcomeMetaUpdates", fields: []), at: now) }
    }

    // MARK: Subscriptions

    private mutating func enlarge(_ request: FeedRequest, _ byteCount: Int, _ paddingFirst: Bool) {
        // A request that the exchange does not serve has no messages.
        guard let topic = try? market.topic(of: request) else { return }
        let padding = byteCount > 0 ? MessagePadding(byteCount: byteCount, isFirst: paddingFirst) : nil
        faults.subscriptionFaults.enlarge(topic, by: padding)
    }

    /// Ends the connections on which a subscription is live that has become poisonous.
    private mutating func poisonLive(_ request: FeedRequest, _ poison: FaultAction.Poison, at now: Instant) {
        guard let topic = market.liveTopic(of: request) else { return }
        for connection in connections where connection.subscriptions[topic] != nil {
            scheduleEnd(poison.end, of: connection.id, after: now)
        }
    }

    /// Ends a connection a while after it got poison, unless its end is set already.
    mutating func scheduleEnd(_ end: FaultAction.ConnectionEnd, of id: ConnectionID, after time: Instant) {
        guard let index = index(of: id) else { return }
        let delay = draw(from: configuration.poisonDelay)
        connections[index].endLater(end, at: time.advanced(by: delay))
    }
}

extension Exchange.Effect {
    /// The effect that ends a connection.
    init(_ end: FaultAction.ConnectionEnd, of id: Exchange.ConnectionID) {
        switch end {
        case .drop: self = .drop(id)
        case .close(let code, let reason): self = .close(id, code: code, reason: reason)
        }
    }
}
