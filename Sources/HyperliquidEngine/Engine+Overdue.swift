internal import HyperliquidWire

/// Requests whose answer does not come.
extension Engine {
    /// Sends again what has had no answer; after some attempts the connection is given up.
    mutating func repeatOverdue(at now: Instant, into effects: inout [Effect]) {
        for connection in connections.keys.sorted() where connections[connection]?.isOpen == true {
            for entry in connections[connection]?.answers.takeOverdue(at: now) ?? [] {
                guard connections[connection]?.isOpen == true else {
                    // Given up for another one: it stays unanswered until the connection has ended.
                    connections[connection]?.answers.add(entry)
                    continue
                }
                handleOverdue(entry, on: connection, at: now, into: &effects)
            }
        }
    }

    private mutating func handleOverdue(
        _ entry: PendingRequests.Pending, on connection: ConnectionID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let upstream = registry[entry.upstream], upstream.generation == entry.generation,
            upstream.connection == connection
        else { return }
        switch entry.kind {
        case .subscribe where upstream.isLive:
            // Its data came though its acknowledgement did not: nothing is owed any more.
            connections[connection]?.answers.giveUp(entry)
            return
        case .subscribe where upstream.isLeaving:
            connections[connection]?.answers.giveUp(entry)
            return queueUnsubscribe(upstream.id)
        case .unsubscribe where upstream.traits.endpoint == .explorer && hasRead(entry, on: connection):
            // Whether the explorer acknowledges anything is open (docs/protocol.md, "Q15").
            return left(upstream.id, at: now, into: &effects)
        case .subscribe, .unsubscribe: break
        }
        effects.append(.note(.unansweredRequest(connection, entry.kind, entry.request)))
        guard entry.attempts < configuration.maximumAttempts else {
            // It stays unanswered until the connection has ended.
            connections[connection]?.answers.add(entry)
            return close(connection, at: now, into: &effects)
        }
        repeatRequest(entry, on: connection, at: now, into: &effects)
    }

    /// Whether the venue has said something so long after the request was sent that it must have read it.
    private func hasRead(_ entry: PendingRequests.Pending, on connection: ConnectionID) -> Bool {
        guard let heardAt = connections[connection]?.heardAt else { return false }
        return heardAt > entry.sentAt.advanced(by: configuration.flightTime)
    }

    private mutating func repeatRequest(
        _ entry: PendingRequests.Pending, on connection: ConnectionID, at now: Instant, into effects: inout [Effect]
    ) {
        var again = entry
        let next = rateLimiter.nextMessage(at: now)
        if next <= now {
            rateLimiter.spendMessage(at: now)
            again.attempts += 1
            again.sentAt = now
            again.deadline = now.advanced(by: configuration.answerTimeout)
            effects.append(
                .send(connection, entry.kind == .subscribe ? .subscribe(entry.request) : .unsubscribe(entry.request)))
        } else {
            again.deadline = next
        }
        connections[connection]?.answers.add(again)
    }
}
