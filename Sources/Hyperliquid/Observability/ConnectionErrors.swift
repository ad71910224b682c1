internal import HyperliquidEngine

/// The last errors of each connection slot, for ``ConnectionInfo/Connection/lastErrors``.
struct ConnectionErrors {
    /// The number of errors kept for each slot.
    private static let keptCount = 4

    private var errors: [SlotID: [String]] = [:]

    /// The last errors of a slot, oldest first.
    subscript(slot: SlotID) -> [String] { errors[slot] ?? [] }

    /// Adds an event to the errors of its slot if it is one, and forgets the slots that do not exist any more.
    mutating func add(_ event: ClientEvent, in pool: ConnectionPool) {
        guard let error = event.connectionError, let slot = error.slot ?? pool.slot(of: error.connection) else {
            return
        }
        let present = pool.slots.map(\.id)
        errors = errors.filter { $0.key == slot || present.contains($0.key) }
        errors[slot] = Array((self[slot] + [error.text]).suffix(Self.keptCount))
    }
}

extension ClientEvent {
    /// If the event is an error of a connection, that connection, its slot and the error's text; `nil` for any other
    /// event. The slot is `nil` if the event does not name it.
    fileprivate var connectionError: (connection: ConnectionID, slot: SlotID?, text: String)? {
        switch self {
        case .connectionLost(let connection, let slot, let reason, _):
            reason.isRoutine ? nil : (connection, slot, "\(reason)")
        case .venueError(let connection, let text), .limitRefusal(let connection, let text): (connection, nil, text)
        case .connectionSilent(let connection): (connection, nil, "silent")
        case .feedStale(let connection, let request): (connection, nil, "\(request) fell silent")
        case .feedStaysSilent(let connection, let request): (connection, nil, "\(request) stays silent")
        case .dialling, .requestSent, .subscriptionConfirmed, .connectionOpened, .connectionClosed, .feedTicksAgain,
            .feedSuspected, .feedQuarantined,
            .requestUnanswered, .gapAnnounced,
            .messageUndecodable, .messageUnrouted, .spellingAdopted, .bufferOverflowed, .callbackBlocked,
            .listingsUnknown,
            .subscriptionFailed:
            nil
        }
    }
}
