internal import HyperliquidWire

extension Exchange {
    mutating func performDueFaults(at now: Instant, into effects: inout [Effect]) {
        let entries = configuration.faults.entries
        while nextFault < entries.count, Instant.start.advanced(by: entries[nextFault].time) <= now {
            perform(entries[nextFault].action, at: now, into: &effects)
            nextFault += 1
        }
    }

    mutating func perform(_ action: FaultAction, at now: Instant, into effects: inout [Effect]) {
        switch action {
        case .expire(let target):
            for id in connections(target) {
                effects.append(.close(id, code: 1000, reason: "Expired"))
                closed(id, at: now)
            }
        case .kill(let target):
            for id in connections(target) {
                effects.append(.drop(id))
                closed(id, at: now)
            }
        case .silence(let target):
            for id in connections(target) {
                if let index = index(of: id) { connections[index].isSilent = true }
            }
        case .stallUpgrades(let isOn): faults.stallsUpgrades = isOn
        case .refuseUpgrades(let status): faults.refusalStatus = status
        case .delayAnswers(let delay): faults.answerDelay = delay
        case .dropAcknowledgements(let count): faults.droppedAcknowledgements = count
        case .reorderAcknowledgements(let isOn): faults.reordersAcknowledgements = isOn
        case .killAfterSubscribes(let count): faults.killAfterSubscribes = count
        }
    }

    private func connections(_ target: FaultAction.Target) -> [ExchangeConnectionID] {
        let ids = connections.map(\.id)
        switch target {
        case .all: return ids
        case .oldest: return Array(ids.prefix(1))
        case .newest: return Array(ids.suffix(1))
        case .at(let index): return ids.indices.contains(index) ? [ids[index]] : []
        }
    }

    /// Counts towards a kill in a burst of subscribes.
    mutating func countSubscribe(_ index: Int, at now: Instant) {
        guard let count = faults.killAfterSubscribes else { return }
        faults.killAfterSubscribes = count > 1 ? count - 1 : nil
        if count <= 1 { connections[index].dropAt = now }
    }
}
