import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    // MARK: Dialling

    func dial(_ link: LinkID, _ endpoint: EndpointKind) {
        setting.books.dialled(venueLink(link), at: now, &setting.journal)
        var cable = Cable(
            id: venueLink(link), endpoint: endpoint, latency: .milliseconds(plan.latencyMilliseconds),
            jitterMilliseconds: plan.jitterMilliseconds)
        timeline.plan(.dialArrives(link), at: cable.arrivalAtVenue(at: now, &chance))
        timeline.plan(.dialExpires(link), at: now.advanced(by: plan.engine.dialTimeout))
        cables[link] = cable
    }

    func dialArrives(_ link: LinkID) {
        guard var cable = cables[link], cable.clientEnd == .dialling else { return }
        switch setting.exchange.admit(at: now) {
        case .accept:
            cable.venueEnd = .open
            timeline.plan(.dialSucceeds(link), at: cable.arrivalAtClient(at: now, &chance))
            cables[link] = cable
            tellExchange(.opened(cable.connection, cable.endpoint))
        case .refuse(let status):
            timeline.plan(.dialRefused(link, status: status), at: cable.arrivalAtClient(at: now, &chance))
        case .stall: break
        }
    }

    // MARK: Messages

    func send(_ message: Engine.Message, on link: LinkID) {
        guard var cable = cables[link], cable.clientEnd == .open else {
            return journal.violate("\(message) is sent on \(link), which is not open", at: now)
        }
        setting.books.sent(message, on: venueLink(link), at: now, &setting.journal)
        guard !cable.isCut else { return }
        timeline.plan(.messageArrives(link, message), at: cable.arrivalAtVenue(at: now, &chance))
        cables[link] = cable
    }

    func messageArrives(_ link: LinkID, _ message: Engine.Message) {
        guard let cable = cables[link], cable.venueEnd == .open, !cable.isCut else { return }
        var writer = JSONWriter()
        message.write(to: &writer)
        tellExchange(.text(cable.connection, writer.bytes))
        switch message {
        case .subscribe(let request):
            let isThere = exchange.has(request, on: cable.connection)
            let number = exchange.number(of: request, on: cable.connection)
            setting.origins.note(request, number, on: venueLink(link), at: now, &setting.journal)
            if !isThere { setting.books.refused(request, on: venueLink(link)) }
        case .unsubscribe(let request):
            setting.origins.note(request, nil, on: venueLink(link), at: now, &setting.journal)
            // What it ends without a word is gone all the same (PROTOCOL Q15: the explorer).
            if cable.endpoint == .explorer { setting.books.ended(request, on: venueLink(link), at: now) }
        case .ping: break
        }
    }

    // MARK: The venue

    func perform(_ effect: Exchange.Effect) {
        switch effect {
        case .send(let connection, let bytes, of: let number):
            let link = LinkID(connection.rawValue % Setting.span)
            let frame = setting.origins.stamp(reader.read(bytes), of: number, at: now, &setting.journal)
            noteRefusal(frame)
            carry(.frameArrives(link, frame), to: link)
        case .close(let connection, let code, let reason):
            let link = LinkID(connection.rawValue % Setting.span)
            cables[link]?.venueEnd = .closed
            carry(.clientEndCloses(link, .closedByVenue(code: code, reason: reason)), to: link)
        case .drop(let connection):
            let link = LinkID(connection.rawValue % Setting.span)
            cables[link]?.venueEnd = .closed
            carry(.clientEndCloses(link, .broken("reset")), to: link)
        }
    }

    private func carry(_ happening: Happening, to link: LinkID) {
        guard var cable = cables[link], !cable.isCut else { return }
        timeline.plan(happening, at: cable.arrivalAtClient(at: now, &chance))
        cables[link] = cable
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
    func close(_ link: LinkID) {
        guard var cable = cables[link], cable.clientEnd != .closing else {
            return journal.violate("\(link) is closed, which is none or closing", at: now)
        }
        let wasOpen = cable.clientEnd == .open
        cable.clientEnd = .closing
        let arrival = cable.arrivalAtVenue(at: now, &chance)
        if !cable.isCut { timeline.plan(.venueEndCloses(link), at: arrival) }
        let answer = cable.arrivalAtClient(at: max(now, arrival), &chance)
        let patience = now.advanced(by: plan.engine.closeTimeout)
        let end = wasOpen ? (cable.isCut ? patience : min(answer, patience)) : now
        timeline.plan(.clientEndCloses(link, .closedByUs), at: end)
        cables[link] = cable
    }

    func closeVenueEnd(_ link: LinkID) {
        guard cables[link]?.venueEnd != .closed else { return }
        cables[link]?.venueEnd = .closed
        tellExchange(.closed(ConnectionID(venueLink(link).rawValue)))
    }

    /// The shell knows that a link is over. What the venue still sends on it goes nowhere.
    func endLink(_ link: LinkID, _ reason: CloseReason) {
        guard let cable = cables.removeValue(forKey: link) else { return }
        if cable.venueEnd == .open || cable.clientEnd == .dialling {
            timeline.plan(.venueEndCloses(link), at: now.advanced(by: cable.latency))
        }
        lostLink(link, reason)
        let ours = cable.clientEnd == .closing ? CloseReason.closedByUs : reason
        submit(.linkClosed(link, ours, draw: chance.bits()))
    }

    /// The network breaks a connection. The ends learn it at their own times; the client perhaps never.
    func cut(_ link: LinkID, isHalfOpen: Bool) {
        guard cables[link]?.isCut == false else { return }
        cables[link]?.isCut = true
        timeline.plan(.venueEndCloses(link), at: now.advanced(by: chance.milliseconds(0...20_000)))
        guard !isHalfOpen else { return }
        timeline.plan(
            .clientEndCloses(link, .broken("reset")), at: now.advanced(by: chance.milliseconds(0...2000)))
    }
}
