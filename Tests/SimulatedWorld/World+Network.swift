import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    // MARK: Dialling

    func dial(_ connection: ConnectionID, _ endpoint: EndpointKind) {
        venue.limitChecker.dialled(venueConnection(connection), at: now, &venue.journal)
        var path = NetworkPath(
            id: venueConnection(connection), endpoint: endpoint, latency: .milliseconds(latencyMilliseconds),
            jitterMilliseconds: jitterMilliseconds)
        if let dialFailure, now < dialFailure.until {
            let time = now.advanced(by: random.milliseconds(0...1000))
            timeline.schedule(.dialFails(connection, cause: dialFailure.cause), at: time)
        } else {
            timeline.schedule(.dialArrives(connection), at: path.arrivalAtVenue(at: now, &random))
        }
        timeline.schedule(.dialExpires(connection), at: now.advanced(by: plan.engine.dialTimeout))
        receivers[connection] = MessageReceiver(id: connection, owner: self)
        paths[connection] = path
    }

    func dialArrives(_ connection: ConnectionID) {
        guard var path = paths[connection], path.clientEnd == .dialling else { return }
        switch venue.exchange.admit(at: now) {
        case .accept:
            path.venueEnd = .open
            timeline.schedule(.dialSucceeds(connection), at: path.arrivalAtClient(at: now, &random))
            paths[connection] = path
            tellExchange(.opened(path.connection, path.endpoint))
        case .refuse(let status):
            timeline.schedule(.dialRefused(connection, status: status), at: path.arrivalAtClient(at: now, &random))
        case .stall: break
        }
    }

    // MARK: Messages

    func send(_ message: Engine.Message, on connection: ConnectionID) {
        receivers[connection]?.sending(message)
        guard var path = paths[connection], path.clientEnd == .open else {
            return journal.violate("\(message) is sent on \(connection), which is not open", at: now)
        }
        if case .subscribe(let request) = message, poisonCostChecker != nil {
            let isPoisonous = exchange.verdict(on: request) == .poison
            if isPoisonous || plan.guiltyFeeds[request] != nil {
                poisonCostChecker?.asked(request, isPoisonous: isPoisonous, at: now)
            }
        }
        venue.limitChecker.sent(message, on: venueConnection(connection), at: now, &venue.journal)
        switch message {
        case .subscribe(let request): path.subscribeCounts[request, default: 0] += 1
        case .unsubscribe(let request): path.subscribeCounts[request] = nil
        case .ping: break
        }
        if !path.isCut {
            timeline.schedule(.messageArrives(connection, message), at: path.arrivalAtVenue(at: now, &random))
        }
        paths[connection] = path
    }

    func messageArrives(_ connection: ConnectionID, _ message: Engine.Message) {
        guard let path = paths[connection], path.venueEnd == .open, !path.isCut else { return }
        var writer = JSONWriter()
        message.write(to: &writer)
        let heldCount = heldMessageCount(message, on: path.connection)
        tellExchange(.text(path.connection, writer.bytes))
        switch message {
        case .subscribe(let request):
            let isThere = exchange.has(request, on: path.connection)
            let number = exchange.number(of: request, on: path.connection)
            noteSubscribe(request, number, on: path.connection)
            if !isThere {
                venue.limitChecker.refused(request, on: venueConnection(connection))
                venue.treatment.passedOver(request, at: now)
            }
            if !exchange.isConnected(path.connection), exchange.verdict(on: request) != .poison {
                venue.treatment.killedBySubscribe(at: now)
            }
        case .unsubscribe(let request):
            // The venue may ignore it.
            let isThere = exchange.has(request, on: path.connection)
            let number = isThere ? exchange.number(of: request, on: path.connection) : nil
            venue.origins.note(request, number, on: venueConnection(connection), at: now, &venue.journal)
            if heldCount > 0, !isThere { missHeldMessages(of: request) }
            // The explorer may end a subscription without an answer (docs/protocol.md, "Q15").
            if path.endpoint == .explorer {
                venue.limitChecker.ended(request, on: venueConnection(connection), at: now)
            }
        case .ping: break
        }
    }

    // MARK: Venue

    func perform(_ effect: Exchange.Effect) {
        switch effect {
        case .send(let connection, let bytes, of: let number):
            let connection = ConnectionID(connection.rawValue % SharedVenue.idsPerClient)
            let messages = reader.read(bytes).map {
                venue.origins.attachOrigin(to: $0, of: number, at: now, &venue.journal)
            }
            for message in messages { noteRefusal(message) }
            if isTooLarge(bytes) {
                venue.treatment.sentTooLarge(messages, at: now)
                enlargeAgain(messages)
            }
            carryParts(to: connection)
            carry(.textArrives(connection, messages, bytes), to: connection)
        case .close(let connection, let code, let reason):
            let connection = ConnectionID(connection.rawValue % SharedVenue.idsPerClient)
            paths[connection]?.venueEnd = .closed
            carry(.clientEndCloses(connection, .closedByVenue(code: code, reason: reason)), to: connection)
        case .drop(let connection):
            let connection = ConnectionID(connection.rawValue % SharedVenue.idsPerClient)
            paths[connection]?.venueEnd = .closed
            carry(.clientEndCloses(connection, .broken("reset")), to: connection)
        }
    }

    private func carry(_ event: ScheduledEvent, to connection: ConnectionID) {
        guard var path = paths[connection], !path.isCut, !path.isTruncated else { return }
        timeline.schedule(event, at: path.arrivalAtClient(at: now, &random))
        paths[connection] = path
    }

    /// Brings parts of the next message before all of it, if it is slow, or part of it, if the connection breaks then.
    private func carryParts(to connection: ConnectionID) {
        guard var path = paths[connection], !path.isCut, path.slowness > .zero || path.truncatesNext else { return }
        for time in path.arrivalsOfParts(at: now, &random) { timeline.schedule(.bytesArrive(connection), at: time) }
        if path.truncatesNext {
            let time = path.arrivalAtClient(at: now, &random)
            timeline.schedule(.bytesArrive(connection), at: time)
            let reason = CloseReason.broken("end of stream in the middle of a message")
            timeline.schedule(.clientEndCloses(connection, reason), at: time)
            timeline.schedule(.venueEndCloses(connection), at: time.advanced(by: random.milliseconds(0...2000)))
            path.isTruncated = true
        }
        paths[connection] = path
    }

    func bytesArrive(on connection: ConnectionID) {
        guard let path = paths[connection], !path.isCut, path.clientEnd != .dialling else { return }
        receivers[connection]?.receiveBytes()
    }

    /// A refusal for a limit is a violation unless the venue's limits are lower than the engine's.
    private func noteRefusal(_ message: VenueMessage) {
        guard case .error(let error) = message else { return }
        venue.treatment.refused(error, at: now)
        switch error {
        case .tooManyUsers(let text), .tooManySubscriptions(let text), .tooManyMessages(let text),
            .tooManyPosts(_, let text):
            refusalCount += 1
            if !plan.isVenueStricter { journal.violate("the venue refused for a known limit: \(text)", at: now) }
        case .alreadySubscribed, .alreadyUnsubscribed, .invalidSubscription, .unreadableRequest, .unreadablePost,
            .unknownRefusal, .other:
            break
        }
    }

    // MARK: Closing

    /// Sends a Close to the venue. The connection ends with the venue's Close or after the timeout.
    func close(_ connection: ConnectionID) {
        guard var path = paths[connection], path.clientEnd != .closing else {
            return journal.violate("\(connection) is closed, but it does not exist or is already closing", at: now)
        }
        let wasOpen = path.clientEnd == .open
        path.clientEnd = .closing
        let arrival = path.arrivalAtVenue(at: now, &random)
        if !path.isCut { timeline.schedule(.venueEndCloses(connection), at: arrival) }
        let answer = path.arrivalAtClient(at: max(now, arrival), &random)
        let timeout = now.advanced(by: plan.engine.closeTimeout)
        let end = wasOpen ? (path.isCut ? timeout : min(answer, timeout)) : now
        timeline.schedule(.clientEndCloses(connection, .closedByUs), at: end)
        paths[connection] = path
    }

    func closeVenueEnd(_ connection: ConnectionID) {
        guard paths[connection]?.venueEnd != .closed else { return }
        paths[connection]?.venueEnd = .closed
        tellExchange(.closed(Exchange.ConnectionID(venueConnection(connection).rawValue)))
    }

    /// Ends the client's end of a connection. Messages that the venue still sends on it are dropped.
    func endConnection(_ connection: ConnectionID, _ reason: CloseReason) {
        guard let path = paths.removeValue(forKey: connection) else { return }
        receivers[connection] = nil
        if path.venueEnd == .open || path.clientEnd == .dialling {
            timeline.schedule(.venueEndCloses(connection), at: now.advanced(by: path.latency))
        }
        if path.clientEnd == .open { countLosses(on: connection) }
        connectionLost(connection)
        let ours = path.clientEnd == .closing ? CloseReason.closedByUs : reason
        submit(.connectionClosed(connection, ours, draw: random.bits()))
    }

    /// Counts a connection that was not closed by the client as lost to each of its live upstream subscriptions.
    private func countLosses(on connection: ConnectionID) {
        guard poisonCostChecker != nil else { return }
        for id in deliveries.keys.sorted() where engine.registry[id]?.isLive == true {
            guard let delivery = deliveries[id], delivery.dispatcher.connections.contains(connection),
                exchange.verdict(on: delivery.checker.request) == .served,
                plan.guiltyFeeds[delivery.checker.request] == nil
            else { continue }
            if let problem = poisonCostChecker?.lost(id) { journal.violate(problem, at: now) }
        }
    }

    /// Breaks a connection in the network. Each end is closed at a time of its own. The client's end stays open if the
    /// connection is half open.
    func cut(_ connection: ConnectionID, isHalfOpen: Bool) {
        guard paths[connection]?.isCut == false else { return }
        let venueDelay = random.milliseconds(0...20_000)
        let clientDelay = isHalfOpen ? nil : random.milliseconds(0...2000)
        if plan.leftOutFaults.contains(isHalfOpen ? .halfOpen : .cut) { return }
        paths[connection]?.isCut = true
        timeline.schedule(.venueEndCloses(connection), at: now.advanced(by: venueDelay))
        guard let clientDelay else { return }
        timeline.schedule(.clientEndCloses(connection, .broken("reset")), at: now.advanced(by: clientDelay))
    }
}
