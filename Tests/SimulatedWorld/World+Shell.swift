import Hyperliquid
package import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import WebSocketTransport

extension World {
    /// Reports a fact to the engine. The engine takes it in immediately. It acts immediately or at the end of the read.
    package func submit(_ input: Engine.Input) {
        guard turns.submitFact() == .takeIn else { return inputs.append(input) }
        takeIn(input)
        takeInQueued()
        switch turns.endTakingIn() {
        case .step: step()
        case .none where isInRead: break
        // The read has ended, so its end is handled before the next event.
        case .none: endRead()
        case .scheduleStep: break
        }
        if !turns.isReading { flush() }
    }

    private func takeIn(_ input: Engine.Input) {
        journal.note("-> \(input.journalText)", at: now)
        var isNews = false
        let effects = venue.takeTurn(of: self) { isNews = engine.take(input, &$0) }
        turns.tookIn(isNews: isNews)
        if isInRead, isNews { planReadEnd() }
        for effect in effects { perform(effect) }
    }

    /// Takes in the facts that were reported while effects were performed.
    private func takeInQueued() {
        var position = 0
        while position < inputs.count {
            position += 1
            takeIn(inputs[position - 1])
        }
        inputs = []
    }

    private func step() {
        turns.beginStep()
        while turns.beginAdvance() {
            for effect in venue.takeTurn(of: self, { engine.advance(&$0) }) { perform(effect) }
            takeInQueued()
        }
        turns.endStep()
    }

    private func planReadEnd() {
        guard !isReadEndPlanned else { return }
        isReadEndPlanned = true
        timeline.schedule(.readEnds, at: now.advanced(by: .milliseconds(plan.readMilliseconds)))
    }

    /// Lets the engine act on the facts of a read, and flushes the messages of the read.
    func endRead() {
        repeat {
            if turns.isStepDue { step() }
            flush()
        } while turns.endRead() == .step
    }

    private func flush() {
        flushQueue.flush()
        guard readEventCount != eventCounter.count else { return }
        readEventCount = eventCounter.count
        for id in deliveries.keys.sorted() {
            if let problem = deliveries[id]?.readBuffers() { journal.violate(problem, at: now) }
        }
    }

    private func perform(_ effect: Engine.Effect) {
        if let text = effect.journalText { journal.note("<- \(text)", at: now) }
        if isFinished { journal.violate("\(effect) comes after the end of the client", at: now) }
        venue.noteWork()
        switch effect {
        case .bind(let id, let upstream): bind(id, to: upstream)
        case .dial(let connection, let endpoint): dial(connection, endpoint)
        case .close(let connection): close(connection)
        case .send(let connection, let message): send(message, on: connection)
        case .attach(let upstream, let connection): attach(upstream, connection)
        case .detach(let upstream, let connection): detach(upstream, connection)
        case .beginHandover(let upstream, let connection):
            deliveries[upstream]?.dispatcher.beginHandover(from: connection)
            deliveries[upstream]?.checker.beginHandover()
        case .endHandover(let upstream, let isLost): endHandover(of: upstream, isLost: isLost)
        case .cancelHandover(let upstream):
            deliveries[upstream]?.dispatcher.cancelHandover()
            deliveries[upstream]?.checker.endHandover()
        case .expectReplay(let upstream):
            guard let delivery = deliveries[upstream] else {
                return journal.violate("\(upstream) expects a replay, but it is unknown", at: now)
            }
            delivery.dispatcher.subscribed(atMilliseconds: wallMilliseconds, at: now)
        case .confirm(let id): confirm(id)
        case .fail(let id, let failure): fail(id, failure)
        case .announceGap(let upstream, let reason): announce(reason, to: upstream)
        case .forget(let upstream):
            guard let delivery = deliveries.removeValue(forKey: upstream) else {
                return journal.violate("\(upstream) is forgotten twice", at: now)
            }
            flushQueue.deferRelease(delivery.dispatcher)
        case .sendPost(let connection, let id): sendPost(id, on: connection)
        case .failPost(let id, let failure): failPost(id, failure)
        case .note: break
        case .finish: finish()
        }
    }

    /// Creates the dispatcher of an upstream subscription at its first subscriber, before any other effect for it.
    private func bind(_ id: SubscriptionID, to upstream: UpstreamID) {
        guard let subscriber = subscribers[id], deliveries[upstream] == nil else { return }
        startsOfUpstreams[subscriber.feed.request] = now
        deliveries[upstream] = SimulatedDelivery(
            subscriber.feed, upstream, queue: flushQueue, counter: eventCounter, atMilliseconds: wallMilliseconds)
    }

    // MARK: Routes

    private func attach(_ upstream: UpstreamID, _ connection: ConnectionID) {
        guard let delivery = deliveries[upstream], let receiver = receivers[connection] else {
            return journal.violate("\(upstream) is attached to \(connection), but one of them is unknown", at: now)
        }
        if engine.registry[upstream]?.isLive == true {
            delivery.checker.moved()
            delivery.rowChecker.moved()
        }
        delivery.dispatcher.attach(connection)
        receiver.add(delivery.dispatcher)
    }

    private func detach(_ upstream: UpstreamID, _ connection: ConnectionID) {
        guard let dispatcher = deliveries[upstream]?.dispatcher else { return }
        dispatcher.detach(connection)
        receivers[connection]?.remove(dispatcher)
        if dispatcher.connections.isEmpty { deliveries[upstream]?.checker.endHandover() }
    }

    private func endHandover(of upstream: UpstreamID, isLost: Bool) {
        let timeout = plan.engine.answerTimeout
        guard let delivery = deliveries[upstream], let connection = delivery.dispatcher.connections.last,
            let rest = delivery.dispatcher.endHandover(isLost: isLost, at: now, timeout: timeout)
        else { return }
        if rest.hasGap { announce(.moved, to: upstream) }
        for (message, origin) in zip(rest.messages, delivery.checker.release(rest.messages)) {
            receivers[connection]?.receive([message], for: delivery.dispatcher)
            checkDelivery(delivery, origin)
        }
    }

    private func announce(_ reason: Gap.Reason, to upstream: UpstreamID) {
        guard let delivery = deliveries[upstream] else { return }
        // Without faults, a move causes a gap only if equal messages of the feed cannot be told apart, or if the venue
        // left the subscribe on the new connection unanswered: then its replay came before the client listened.
        if reason == .moved, !plan.hasFaults, !wasAskedAgain(delivery), !delivery.checker.isAmbiguous {
            journal.violate("\(upstream) has a gap because of its move", at: now)
        }
        if let problem = delivery.checker.announce(reason, mayRepeat: reason == .moved && wasAskedAgain(delivery)) {
            journal.violate(problem, at: now)
        }
        delivery.dispatcher.announce(
            Gap(
                reason: reason, fromMilliseconds: delivery.dispatcher.gapStartMilliseconds,
                toMilliseconds: wallMilliseconds))
    }

    /// Whether the client had to ask for a feed more than once on its present connection.
    private func wasAskedAgain(_ delivery: SimulatedDelivery) -> Bool {
        guard let connection = delivery.dispatcher.connections.last else { return false }
        return paths[connection]?.subscribeCounts[delivery.checker.request] ?? 0 > 1
    }

    // MARK: Messages

    /// A message arrives. The client's own receiver dispatches it, or reports it to the engine as a fact.
    func textArrives(_ messages: [VenueMessage], _ text: [UInt8], on connection: ConnectionID) {
        guard let path = paths[connection], !path.isCut, path.clientEnd != .dialling else { return }
        if isTooLarge(text) { return tooLargeMessageArrives(text, on: connection) }
        for message in messages { noteArrival(of: message, on: connection) }
        isInRead = plan.readMilliseconds > 0
        if isInRead { turns.beginRead() }
        receivers[connection]?.receive(ContiguousArray(text).span)
        isInRead = false
        // Of several messages in one text, at most the last one is data.
        if case .data(_, _, let text, let origin) = messages.last { checkDelivery(text, origin, from: connection) }
        if !turns.isReading { flush() }
    }

    private func noteArrival(of message: VenueMessage, on connection: ConnectionID) {
        switch message {
        case .acknowledgement(.unsubscribe, let echo), .error(.alreadyUnsubscribed(let echo)):
            venue.limitChecker.ended(echo, on: venueConnection(connection), at: now)
        case .error(.tooManyPosts(let id, _)): postRejected(PostID(UInt64(id)), on: connection)
        case .acknowledgement, .error, .data, .post, .pong, .other: break
        }
    }

    /// Checks where a message was delivered, or whether it was held back during a handover.
    private func checkDelivery(_ text: [UInt8], _ origin: VenueMessage.Origin?, from connection: ConnectionID) {
        let origin = venue.origins.numbered(origin, text)
        if checkExpectedDelivery(text, origin, from: connection) { return }
        for id in deliveries.keys.sorted() {
            guard let delivery = deliveries[id] else { continue }
            if !checkDelivery(delivery, origin), delivery.checker.request == origin?.request,
                delivery.dispatcher.connections.contains(connection)
            {
                delivery.checker.hold(text, origin)
            }
        }
    }

    /// Checks where a message was delivered if nobody but the subscribers of its identity was given it. Otherwise
    /// returns `false`.
    private func checkExpectedDelivery(
        _ text: [UInt8], _ origin: VenueMessage.Origin?, from connection: ConnectionID
    ) -> Bool {
        let delivery = origin.flatMap { engine.registry.upstream(of: $0.request) }.flatMap { deliveries[$0] }
        let count = eventCounter.messageCount - checkedMessageCount
        guard delivery?.uncheckedCount ?? 0 == count else { return false }
        if let delivery, !checkDelivery(delivery, origin), delivery.dispatcher.connections.contains(connection) {
            delivery.checker.hold(text, origin)
        }
        return true
    }

    /// Checks a message if the subscribers of a delivery were given it. Returns whether they were.
    @discardableResult
    private func checkDelivery(_ delivery: SimulatedDelivery, _ origin: VenueMessage.Origin?) -> Bool {
        let count = delivery.takeDeliveredCount()
        checkedMessageCount += count
        if count > 0 { delivery.rowChecker.messageArrived(isLate: origin?.isLate == true) }
        if count > 1 { journal.violate("\(delivery.checker.request) received a message twice", at: now) }
        if count > 0, let problem = delivery.checker.receive(origin) { journal.violate(problem, at: now) }
        return count > 0
    }

    func connectionLost(_ connection: ConnectionID) {
        venue.limitChecker.lostPosts(on: venueConnection(connection))
        venue.limitChecker.lost(venueConnection(connection), at: now)
    }

    private func finish() {
        if !paths.isEmpty { journal.violate("the client ends before \(paths.keys.sorted()) are closed", at: now) }
        isFinished = true
    }

    // MARK: Answers

    private func confirm(_ id: SubscriptionID) {
        guard let subscriber = subscribers[id], !subscriber.isConfirmed else {
            return journal.violate("\(id) is confirmed, but it has ended or is already confirmed", at: now)
        }
        subscribers[id]?.isConfirmed = true
        guard let upstream = engine.registry.subscriptions[id]?.upstream,
            let connection = engine.registry[upstream]?.connection
        else {
            return journal.violate("\(id) is confirmed without a connection", at: now)
        }
        deliveries[upstream]?.checker.confirmed(
            venue.origins.firstOrigin(of: subscriber.feed.request, on: venueConnection(connection)))
    }

    private func fail(_ id: SubscriptionID, _ failure: Engine.Failure) {
        guard let subscriber = subscribers.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, but it has already ended", at: now)
        }
        subscriberLeft(subscriber)
        poisonCostChecker?.failed(subscriber.feed.request, failure)
        let request = subscriber.feed.request
        let isRight =
            switch failure {
            case .refused, .poisoned, .unanswered, .messageTooLarge:
                venue.treatment.explains(
                    failure, of: request, since: startsOfUpstreams[request] ?? now, exchange.verdict(on: request))
            case .timedOut(let reason):
                !subscriber.isConfirmed && subscriber.deadline.map { $0 <= now } == true
                    && (reason == .start) == !isStarted
            case .neverFits: false
            case .limitReached: !subscriber.isConfirmed && !subscriber.waitsForLimits
            case .clientEnded: isDraining
            }
        if !isRight { journal.violate("\(request) fails with the wrong error: \(failure)", at: now) }
    }
}
