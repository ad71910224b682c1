import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    // MARK: Dialling

    func dial(_ connection: ConnectionID, _ endpoint: EndpointKind) {
        venue.limitChecker.dialled(venueConnection(connection), at: now, &venue.journal)
        var path = NetworkPath(
            id: venueConnection(connection), endpoint: endpoint, latency: .milliseconds(plan.latencyMilliseconds),
            jitterMilliseconds: plan.jitterMilliseconds)
        timeline.plan(.dialArrives(connection), at: path.arrivalAtVenue(at: now, &random))
        timeline.plan(.dialExpires(connection), at: now.advanced(by: plan.engine.dialTimeout))
        receivers[connection] = MessageReceiver(id: connection, owner: self)
        paths[connection] = path
    }

    func dialArrives(_ connection: ConnectionID) {
        guard var path = paths[connection], path.clientEnd == .dialling else { return }
        switch venue.exchange.admit(at: now) {
        case .accept:
            path.venueEnd = .open
            timeline.plan(.dialSucceeds(connection), at: path.arrivalAtClient(at: now, &random))
            paths[connection] = path
            tellExchange(.opened(path.connection, path.endpoint))
        case .refuse(let status):
            timeline.plan(.dialRefused(connection, status: status), at: path.arrivalAtClient(at: now, &random))
        case .stall: break
        }
    }

    // MARK: Messages

    func send(_ message: Engine.Message, on connection: ConnectionID) {
        guard var path = paths[connection], path.clientEnd == .open else {
            return journal.violate("\(message) is sent on \(connection), which is not open", at: now)
        }
        venue.limitChecker.sent(message, on: venueConnection(connection), at: now, &venue.journal)
        guard !path.isCut else { return }
        timeline.plan(.messageArrives(connection, message), at: path.arrivalAtVenue(at: now, &random))
        paths[connection] = path
    }

    func messageArrives(_ connection: ConnectionID, _ message: Engine.Message) {
        guard let path = paths[connection], path.venueEnd == .open, !path.isCut else { return }
        var writer = JSONWriter()
        message.write(to: &writer)
        tellExchange(.text(path.connection, writer.bytes))
        switch message {
        case .subscribe(let request):
            let isThere = exchange.has(request, on: path.connection)
            let number = exchange.number(of: request, on: path.connection)
            venue.origins.note(request, number, on: venueConnection(connection), at: now, &venue.journal)
            if !isThere { venue.limitChecker.refused(request, on: venueConnection(connection)) }
        case .unsubscribe(let request):
            venue.origins.note(request, nil, on: venueConnection(connection), at: now, &venue.journal)
            // What it ends without a word is gone all the same (docs/protocol.md, "Q15": the explorer).
            if path.endpoint == .explorer {
                venue.limitChecker.ended(request, on: venueConnection(connection), at: now)
            }
        case .ping: break
        }
    }

    // MARK: The venue

    func perform(_ effect: Exchange.Effect) {
        switch effect {
        case .send(let connection, let bytes, of: let number):
            let connection = ConnectionID(connection.rawValue % SharedVenue.span)
            let frame = venue.origins.stamp(reader.read(bytes), of: number, at: now, &venue.journal)
            noteRefusal(frame)
            carry(.textArrives(connection, frame, bytes), to: connection)
        case .close(let connection, let code, let reason):
            let connection = ConnectionID(connection.rawValue % SharedVenue.span)
            paths[connection]?.venueEnd = .closed
            carry(.clientEndCloses(connection, .closedByVenue(code: code, reason: reason)), to: connection)
        case .drop(let connection):
            let connection = ConnectionID(connection.rawValue % SharedVenue.span)
            paths[connection]?.venueEnd = .closed
            carry(.clientEndCloses(connection, .broken("reset")), to: connection)
        }
    }

    private func carry(_ event: ScheduledEvent, to connection: ConnectionID) {
        guard var path = paths[connection], !path.isCut else { return }
        timeline.plan(event, at: path.arrivalAtClient(at: now, &random))
        paths[connection] = path
    }

    /// A fair venue never has to refuse anything for its limits: the engine keeps them.
    private func noteRefusal(_ frame: Frame) {
        guard case .error(let error) = frame else { return }
        switch error {
        case .tooManyUsers(let text), .tooManySubscriptions(let text), .tooManyMessages(let text),
            .tooManyPosts(_, let text):
            refusalCount += 1
            if !plan.isVenueHarsh { journal.violate("a fair venue had to say: \(text)", at: now) }
        case .alreadySubscribed, .alreadyUnsubscribed, .invalidSubscription, .unreadableRequest, .unreadablePost,
            .other:
            break
        }
    }

    // MARK: Ends

    /// Our Close travels to the venue and its own comes back; if none does, the shell gives up waiting.
    func close(_ connection: ConnectionID) {
        guard var path = paths[connection], path.clientEnd != .closing else {
            return journal.violate("\(connection) is closed, which is none or closing", at: now)
        }
        let wasOpen = path.clientEnd == .open
        path.clientEnd = .closing
        let arrival = path.arrivalAtVenue(at: now, &random)
        if !path.isCut { timeline.plan(.venueEndCloses(connection), at: arrival) }
        let answer = path.arrivalAtClient(at: max(now, arrival), &random)
        let timeout = now.advanced(by: plan.engine.closeTimeout)
        let end = wasOpen ? (path.isCut ? timeout : min(answer, timeout)) : now
        timeline.plan(.clientEndCloses(connection, .closedByUs), at: end)
        paths[connection] = path
    }

    func closeVenueEnd(_ connection: ConnectionID) {
        guard paths[connection]?.venueEnd != .closed else { return }
        paths[connection]?.venueEnd = .closed
        tellExchange(.closed(Exchange.ConnectionID(venueConnection(connection).rawValue)))
    }

    /// The shell knows that a connection is over. What the venue still sends on it goes nowhere.
    func endConnection(_ connection: ConnectionID, _ reason: CloseReason) {
        guard let path = paths.removeValue(forKey: connection) else { return }
        receivers[connection] = nil
        if path.venueEnd == .open || path.clientEnd == .dialling {
            timeline.plan(.venueEndCloses(connection), at: now.advanced(by: path.latency))
        }
        connectionLost(connection, reason)
        let ours = path.clientEnd == .closing ? CloseReason.closedByUs : reason
        submit(.connectionClosed(connection, ours, draw: random.bits()))
    }

    /// The network breaks a connection. The ends learn it at their own times; the client perhaps never.
    func cut(_ connection: ConnectionID, isHalfOpen: Bool) {
        guard paths[connection]?.isCut == false else { return }
        paths[connection]?.isCut = true
        timeline.plan(.venueEndCloses(connection), at: now.advanced(by: random.milliseconds(0...20_000)))
        guard !isHalfOpen else { return }
        timeline.plan(
            .clientEndCloses(connection, .broken("reset")), at: now.advanced(by: random.milliseconds(0...2000)))
    }
}
