import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// A simulated caller's request over the socket.
struct SimulatedPost {
    let kind: PostKind
    /// When the caller stops waiting.
    let deadline: Instant
    var isCancelled = false
    /// The connection on which it was last sent.
    var connection: ConnectionID?
    /// Whether the venue rejected it because too many posts were in flight, or because the requests weighed too much.
    var wasRejected = false

    /// Whether it is an action that the venue may have executed.
    var mayHaveBeenExecuted: Bool { kind == .action && connection != nil && !wasRejected }
}

extension PostID {
    /// A light question, or a heavy one whose answer adds to its weight.
    private var question: String { rawValue.isMultiple(of: 2) ? "l2Book" : "recentTrades" }

    /// The request of the post, and its weight.
    fileprivate func request(_ kind: PostKind) -> (text: String, weight: Int) {
        let (payload, weight) =
            kind == .info
            ? (#"{"type":"\#(question)","coin":"BTC"}"#, RequestWeight(ofType: question))
            : (#"{"action":{"type":"noop"},"nonce":1}"#, .action)
        return (#"{"type":"\#(kind.type)","payload":\#(payload)}"#, weight.base)
    }
}

extension World {
    // MARK: Callers

    func post(_ kind: PostKind, timeout: Duration) {
        lastPost += 1
        let id = PostID(lastPost)
        posts[id] = SimulatedPost(kind: kind, deadline: now.advanced(by: timeout))
        submit(.posted(id, kind, weight: id.request(kind).weight, timeout: timeout))
    }

    func postRandomRequest() {
        post(
            random.happens(500) ? .action : .info, timeout: random.pick([.seconds(1), .seconds(5), .seconds(30)]))
    }

    func cancelRandomPost() {
        guard !posts.isEmpty else { return }
        let id = random.pick(posts.keys.sorted())
        posts[id]?.isCancelled = true
        submit(.postCancelled(id))
        if posts[id] != nil { journal.violate("\(id) is not ended by its cancellation", at: now) }
    }

    // MARK: Shell

    /// The id of a post among the posts of all clients.
    private func venuePost(_ id: PostID) -> PostID { PostID(id.rawValue + UInt64(index) * SharedVenue.idsPerClient) }

    func sendPost(_ id: PostID, on connection: ConnectionID) {
        guard let post = posts[id] else {
            return journal.violate("\(id) is sent, but no caller waits for it", at: now)
        }
        guard var path = paths[connection], path.clientEnd == .open, path.endpoint == .api else {
            return journal.violate("\(id) is sent on \(connection), which is not open", at: now)
        }
        if post.mayHaveBeenExecuted { journal.violate("\(id), an action, is sent a second time", at: now) }
        venue.limitChecker.sentPost(
            venuePost(id), post.kind, weight: id.request(post.kind).weight, on: venueConnection(connection), at: now,
            &venue.journal)
        posts[id]?.connection = connection
        posts[id]?.wasRejected = false
        guard !path.isCut else { return }
        timeline.schedule(.postArrives(connection, id, post.kind), at: path.arrivalAtVenue(at: now, &random))
        paths[connection] = path
    }

    func postArrives(_ connection: ConnectionID, _ id: PostID, _ kind: PostKind) {
        guard let path = paths[connection], path.venueEnd == .open, !path.isCut else { return }
        let text = #"{"method":"post","id":\#(id.rawValue),"request":\#(id.request(kind).text)}"#
        tellExchange(.text(path.connection, Array(text.utf8)))
    }

    /// An answer has arrived. It ends the request if the caller still waits.
    func postAnswered(_ id: PostID, addedWeight: Int, on connection: ConnectionID) {
        venue.limitChecker.answered(venuePost(id), on: venueConnection(connection))
        venue.limitChecker.count(weight: addedWeight, at: now)
        if let post = posts.removeValue(forKey: id), post.connection != connection {
            journal.violate("\(id) is answered on \(connection), where it was not sent", at: now)
        }
    }

    /// The venue has rejected a post because of a limit.
    func postRejected(_ id: PostID, on connection: ConnectionID) {
        venue.limitChecker.answered(venuePost(id), on: venueConnection(connection))
        if posts[id]?.connection == connection { posts[id]?.wasRejected = true }
    }

    func failPost(_ id: PostID, _ failure: Engine.PostFailure) {
        guard let post = posts.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, but it has already ended", at: now)
        }
        venue.limitChecker.abandoned(venuePost(id), until: now.advanced(by: plan.engine.postMemory))
        let isLate = post.deadline <= now
        let isRight =
            switch failure {
            case .timedOut(let wait): isLate && !post.mayHaveBeenExecuted && (wait == .start) == !isStarted
            case .cancelled: post.isCancelled && !post.mayHaveBeenExecuted
            case .clientEnded: isDraining && !post.mayHaveBeenExecuted
            case .refused: post.kind == .action && post.wasRejected
            case .neverFits: false
            case .unknownOutcome(.connectionLost):
                post.mayHaveBeenExecuted && post.connection.map { paths[$0] == nil } == true
            case .unknownOutcome(.timedOut): post.mayHaveBeenExecuted && isLate
            case .unknownOutcome(.cancelled): post.mayHaveBeenExecuted && post.isCancelled
            case .unknownOutcome(.clientEnded): post.mayHaveBeenExecuted && isDraining
            }
        if !isRight { journal.violate("\(id), \(post), fails with the wrong error: \(failure)", at: now) }
    }
}
