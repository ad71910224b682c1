import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One of the world's people who has a request over the socket.
struct Poster {
    let kind: PostKind
    let patience: Duration
    /// When it stops waiting, once the client runs.
    var deadline: Instant?
    var isCancelled = false
    /// The link on which it went to the venue last.
    var link: LinkID?
    /// Whether the venue said that it did not look at it.
    var isPutOff = false

    /// Whether the venue may have carried it out.
    var mayHaveActed: Bool { kind == .action && link != nil && !isPutOff }
}

extension World {
    // MARK: People

    func post(_ kind: PostKind, patience: Duration) {
        lastPost += 1
        let id = PostID(lastPost)
        let deadline = isStarted ? now.advanced(by: patience) : nil
        posters[id] = Poster(kind: kind, patience: patience, deadline: deadline)
        submit(.posted(id, kind, patience: patience))
    }

    func postSomething() {
        post(
            chance.happens(500) ? .action : .info, patience: chance.pick([.seconds(1), .seconds(5), .seconds(30)]))
    }

    func cancelSomePost() {
        guard !posters.isEmpty else { return }
        let id = chance.pick(posters.keys.sorted())
        posters[id]?.isCancelled = true
        submit(.postCancelled(id))
        if posters[id] != nil { journal.violate("\(id) is cancelled and goes on", at: now) }
    }

    // MARK: The shell

    /// A request by a number that no other client's has.
    private func venuePost(_ id: PostID) -> PostID { PostID(id.rawValue + UInt64(index) * Setting.span) }

    func sendPost(_ id: PostID, on link: LinkID) {
        guard let poster = posters[id] else {
            return journal.violate("\(id) is sent, and nobody waits for it", at: now)
        }
        guard var cable = cables[link], cable.clientEnd == .open, cable.endpoint == .api else {
            return journal.violate("\(id) is sent on \(link), which is not open", at: now)
        }
        if poster.mayHaveActed { journal.violate("\(id), an action, is sent a second time", at: now) }
        setting.books.sentPost(venuePost(id), on: venueLink(link), at: now, &setting.journal)
        posters[id]?.link = link
        posters[id]?.isPutOff = false
        guard !cable.isCut else { return }
        timeline.plan(.postArrives(link, id, poster.kind), at: cable.arrivalAtVenue(at: now, &chance))
        cables[link] = cable
    }

    func postArrives(_ link: LinkID, _ id: PostID, _ kind: PostKind) {
        guard let cable = cables[link], cable.venueEnd == .open, !cable.isCut else { return }
        let payload = kind == .info ? #"{"type":"l2Book","coin":"BTC"}"# : #"{"action":{"type":"noop"},"nonce":1}"#
        let request = #"{"type":"\#(kind.rawValue)","payload":\#(payload)}"#
        let text = #"{"method":"post","id":\#(id.rawValue),"request":\#(request)}"#
        tellExchange(.text(cable.connection, Array(text.utf8)))
    }

    /// An answer has come: whoever still waits has it, and nobody gets two.
    func postAnswered(_ id: PostID, on link: LinkID) {
        setting.books.answered(venuePost(id), on: venueLink(link))
        if let poster = posters.removeValue(forKey: id), poster.link != link {
            journal.violate("\(id) is answered on \(link), where it was not sent", at: now)
        }
        submit(.postAnswered(link, id))
    }

    /// The venue had too many and did not look at this one.
    func postPutOff(_ id: PostID, on link: LinkID) {
        setting.books.answered(venuePost(id), on: venueLink(link))
        if posters[id]?.link == link { posters[id]?.isPutOff = true }
    }

    func failPost(_ id: PostID, _ failure: Engine.PostFailure) {
        guard let poster = posters.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, which is gone", at: now)
        }
        setting.books.abandoned(venuePost(id), until: now.advanced(by: plan.engine.postMemory))
        let isLate = poster.deadline.map { $0 <= now } == true
        let isRight =
            switch failure {
            case .timedOut: isLate && !poster.mayHaveActed
            case .cancelled: poster.isCancelled && !poster.mayHaveActed
            case .clientEnded: isDraining && !poster.mayHaveActed
            case .refused, .neverFits: false
            case .unknownOutcome(.linkLost): poster.mayHaveActed && poster.link.map { cables[$0] == nil } == true
            case .unknownOutcome(.timedOut): poster.mayHaveActed && isLate
            case .unknownOutcome(.cancelled): poster.mayHaveActed && poster.isCancelled
            case .unknownOutcome(.clientEnded): poster.mayHaveActed && isDraining
            }
        if !isRight { journal.violate("\(id), \(poster), fails wrongly: \(failure)", at: now) }
    }
}
