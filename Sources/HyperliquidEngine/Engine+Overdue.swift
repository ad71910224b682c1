internal import HyperliquidWire

/// Requests whose answer does not come.
extension Engine {
    /// Sends again what has had no answer; after some attempts the link is given up.
    mutating func repeatOverdue(at now: Instant, into effects: inout [Effect]) {
        for link in links.keys.sorted() where links[link]?.isOpen == true {
            for entry in links[link]?.answers.takeOverdue(at: now) ?? [] {
                guard links[link]?.isOpen == true else {
                    // Given up for another one: it stays unanswered until the link has ended.
                    links[link]?.answers.add(entry)
                    continue
                }
                handleOverdue(entry, on: link, at: now, into: &effects)
            }
        }
    }

    private mutating func handleOverdue(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        switch entry.kind {
        case .subscribe where wire.isLive:
            // Its data came though its acknowledgement did not: nothing is owed any more.
            links[link]?.answers.giveUp(entry)
            return
        case .subscribe where wire.isLeaving:
            links[link]?.answers.giveUp(entry)
            return queueDeparture(wire.id)
        case .unsubscribe where wire.traits.endpoint == .explorer && hasRead(entry, on: link):
            // Whether the explorer acknowledges anything is open (PROTOCOL Q15).
            return left(wire.id, at: now, into: &effects)
        case .subscribe, .unsubscribe: break
        }
        effects.append(.note(.unansweredRequest(link, entry.kind, entry.request)))
        guard entry.attempts < configuration.maximumAttempts else {
            // It stays unanswered until the link has ended.
            links[link]?.answers.add(entry)
            return close(link, at: now, into: &effects)
        }
        repeatRequest(entry, on: link, at: now, into: &effects)
    }

    /// Whether the venue has said something so long after the request was sent that it must have read it.
    private func hasRead(_ entry: Answers.Pending, on link: LinkID) -> Bool {
        guard let heardAt = links[link]?.heardAt else { return false }
        return heardAt > entry.sentAt.advanced(by: configuration.flightTime)
    }

    private mutating func repeatRequest(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        var again = entry
        let next = allowance.nextMessage(at: now)
        if next <= now {
            allowance.spendMessage(at: now)
            again.attempts += 1
            again.sentAt = now
            again.deadline = now.advanced(by: configuration.answerTimeout)
            effects.append(
                .send(link, entry.kind == .subscribe ? .subscribe(entry.request) : .unsubscribe(entry.request)))
        } else {
            again.deadline = next
        }
        links[link]?.answers.add(again)
    }
}
