import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One of the world's people who has a request over the socket.
struct SimulatedPoster {
    let kind: PostKind
    let timeout: Duration
    /// When it stops waiting, once the client runs.
    var deadline: Instant?
    var isCancelled = false
    /// The connection on which it went to the venue last.
    var connection: ConnectionID?
    /// Whether the venue said that it did not look at it.
    var isPutOff = false

    /// Whether the venue may have carried it out.
    var mayHaveActed: Bool { kind == .action && connection != nil && !isPutOff }
}

extension World {
    // MARK: People

    func post(_ kind: PostKind, timeout: Duration) {
        lastPost += 1
        let id = PostID(lastPost)
        let deadline = isStarted ? now.advanced(by: timeout) : nil
        posters[id] = SimulatedPoster(kind: kind, timeout: timeout, deadline: deadline)
        submit(.posted(id, kind, timeout: timeout))
    }

    func postSomething() {
        post(
            random.happens(500) ? .action : .info, timeout: random.pick([.seconds(1), .seconds(5), .seconds(30)]))
    }

    func cancelSomePost() {
        guard !posters.isEmpty else { return }
        let id = random.pick(posters.keys.sorted())
        posters[id]?.isCancelled = true
        submit(.postCancelled(id))
        if posters[id] != nil { journal.violate("\(id) is cancelled and goes on", at: now) }
    }

    // MARK: The shell

    /// A request by a number that no other client's has.
    private func venuePost(_ id: PostID) -> PostID { PostID(id.rawValue + UInt64(index) * SharedVenue.span) }

    func sendPost(_ id: PostID, on connection: ConnectionID) {
        guard let poster = posters[id] else {
            return journal.violate("\(id) is sent, and nobody waits for it", at: now)
        }
        guard var path = paths[connection], path.clientEnd == .open, path.endpoint == .api else {
            return journal.violate("\(id) is sent on \(connection), which is not open", at: now)
        }
        if poster.mayHaveActed { journal.violate("\(id), an action, is sent a second time", at: now) }
        venue.limitChecker.sentPost(venuePost(id), on: venueConnection(connection), at: now, &venue.journal)
        posters[id]?.connection = connection
        posters[id]?.isPutOff = false
        guard !path.isCut else { return }
        timeline.plan(.postArrives(connection, id, poster.kind), at: path.arrivalAtVenue(at: now, &random))
        paths[connection] = path
    }

    func postArrives(_ connection: ConnectionID, _ id: PostID, _ kind: PostKind) {
        guard let path = paths[connection], path.venueEnd == .open, !path.isCut else { return }
        let payload = kind == .info ? #"{"type":"l2Book","coin":"BTC"}"# : #"{"action":{"type":"noop"},"nonce":1}"#
        let request = #"{"type":"\#(kind.rawValue)","payload":\#(payload)}"#
        let text = #"{"method":"post","id":\#(id.rawValue),"request":\#(request)}"#
        tellExchange(.text(path.connection, Array(text.utf8)))
    }

    /// An answer has come: whoever still waits has it, and nobody gets two.
    func postAnswered(_ id: PostID, on connection: ConnectionID) {
        venue.limitChecker.answered(venuePost(id), on: venueConnection(connection))
        if let poster = posters.removeValue(forKey: id), poster.connection != connection {
            journal.violate("\(id) is answered on \(connection), where it was not sent", at: now)
        }
        submit(.postAnswered(connection, id))
    }

    /// The venue had too many and did not look at this one.
    func postPutOff(_ id: PostID, on connection: ConnectionID) {
        venue.limitChecker.answered(venuePost(id), on: venueConnection(connection))
        if posters[id]?.connection == connection { posters[id]?.isPutOff = true }
    }

    func failPost(_ id: PostID, _ failure: Engine.PostFailure) {
        guard let poster = posters.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, which is gone", at: now)
        }
        venue.limitChecker.abandoned(venuePost(id), until: now.advanced(by: plan.engine.postMemory))
        let isLate = poster.deadline.map { $0 <= now } == true
        let isRight =
            switch failure {
            case .timedOut: isLate && !poster.mayHaveActed
            case .cancelled: poster.isCancelled && !poster.mayHaveActed
            case .clientEnded: isDraining && !poster.mayHaveActed
            case .refused, .neverFits: false
            case .unknownOutcome(.connectionLost):
                poster.mayHaveActed && poster.connection.map { paths[$0] == nil } == true
            case .unknownOutcome(.timedOut): poster.mayHaveActed && isLate
            case .unknownOutcome(.cancelled): poster.mayHaveActed && poster.isCancelled
            case .unknownOutcome(.clientEnded): poster.mayHaveActed && isDraining
            }
        if !isRight { journal.violate("\(id), \(poster), fails wrongly: \(failure)", at: now) }
    }
}
