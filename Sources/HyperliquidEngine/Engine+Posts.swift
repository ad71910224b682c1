internal import HyperliquidWire

extension Engine {
    /// What a request over the socket waits for.
    package enum PostWait: Hashable, Sendable {
        case start
        case connection
        /// As many as are allowed are unanswered.
        case window
        case messageLimit
        case answer
    }

    /// Why a request over the socket ended without an answer.
    package enum PostFailure: Hashable, Sendable {
        /// It was not sent, or only asks: nothing has happened at the venue.
        case timedOut(PostWait)
        /// An action was sent and its answer did not come: it may have been carried out.
        case unknownOutcome(PostLoss)
        /// The venue refused to read it, in these words.
        case refused(String)
        /// None is ever allowed: `postsInFlight` is 0.
        case neverFits
        /// Its caller was cancelled; nothing has happened at the venue.
        case cancelled
        /// The client ended; nothing has happened at the venue.
        case clientEnded
    }

    /// How the answer of an action was lost.
    package enum PostLoss: Hashable, Sendable {
        case connectionLost(CloseReason)
        case timedOut
        case cancelled
        case clientEnded
    }

    mutating func post(
        _ id: PostID, _ kind: PostKind, timeout: Duration, at now: Instant, into effects: inout [Effect]
    ) {
        guard phase == .idle || phase == .running else { return effects.append(.failPost(id, .clientEnded)) }
        guard rateLimiter.limits.postsInFlight > 0, configuration.limits.postsInFlight > 0 else {
            return effects.append(.failPost(id, .neverFits))
        }
        posts.add(id, kind, timeout: timeout, at: now)
    }

    mutating func postAnswered(_ connection: ConnectionID, _ id: PostID, at now: Instant, into effects: inout [Effect])
    {
        beat(connection, .answerArrived, at: now, into: &effects)
        _ = posts.answer(id, on: connection)
        if let slot = connections[connection]?.slot { lastPosts[slot] = now }
    }

    mutating func cancelPost(_ id: PostID, at now: Instant, into effects: inout [Effect]) {
        switch posts.abandon(id, at: now) {
        case .harmless: effects.append(.failPost(id, .cancelled))
        case .unknownOutcome: effects.append(.failPost(id, .unknownOutcome(.cancelled)))
        case nil: break  // It has ended before.
        }
    }

    /// The venue could not read a request, and said so in an error text.
    mutating func postRefused(_ id: PostID, _ text: String, on connection: ConnectionID, into effects: inout [Effect]) {
        if posts.answer(id, on: connection) { effects.append(.failPost(id, .refused(text))) }
    }

    /// The venue had too many requests: this one was not executed and is tried again in a moment.
    mutating func postPutOff(_ id: PostID, on connection: ConnectionID, at now: Instant) {
        posts.putOff(id, on: connection, until: now.advanced(by: configuration.postRetry))
    }

    mutating func losePosts(of connection: ConnectionID, _ reason: CloseReason, into effects: inout [Effect]) {
        for id in posts.lose(connection) { effects.append(.failPost(id, .unknownOutcome(.connectionLost(reason)))) }
    }

    mutating func expirePosts(at now: Instant, into effects: inout [Effect]) {
        for id in posts.expired(at: now) {
            let wait = postWait(id, at: now)
            switch posts.abandon(id, at: now) {
            case .harmless: effects.append(.failPost(id, .timedOut(wait)))
            case .unknownOutcome: effects.append(.failPost(id, .unknownOutcome(.timedOut)))
            case nil: break
            }
        }
    }

    mutating func drainPosts(at now: Instant, into effects: inout [Effect]) {
        for id in posts.awaited {
            let isUnknown = posts.abandon(id, at: now) == .unknownOutcome
            effects.append(.failPost(id, isUnknown ? .unknownOutcome(.clientEnded) : .clientEnded))
        }
    }

    private func postWait(_ id: PostID, at now: Instant) -> PostWait {
        if phase == .idle { return .start }
        if posts.isSent(id) { return .answer }
        if postConnection == nil { return .connection }
        if posts.isWindowFull || !rateLimiter.hasPost { return .window }
        return rateLimiter.nextMessage(at: now) > now ? .messageLimit : .answer
    }

    // MARK: Sending

    /// The connection that carries requests: the oldest open one of the API socket.
    private var postConnection: ConnectionID? {
        for slot in slots where slot.endpoint == .api && slot.kind != .probe {
            if let connection = slot.connection, connections[connection]?.isOpen == true { return connection }
        }
        return nil
    }

    mutating func sendPosts(at now: Instant, into effects: inout [Effect]) {
        guard posts.isWaiting, let connection = postConnection else { return }
        returnPosts()
        while rateLimiter.hasPost, let id = posts.next(at: now) {
            let next = rateLimiter.nextMessage(at: now)
            guard next <= now else { return nextWork.consider(next) }
            rateLimiter.spendMessage(at: now)
            rateLimiter.takePost()
            countedPosts += 1
            posts.send(id, on: connection)
            effects.append(.sendPost(connection, id))
        }
    }

    /// Gives back what is answered or given up.
    mutating func returnPosts() {
        while countedPosts > posts.inFlightCount {
            rateLimiter.returnPost()
            countedPosts -= 1
        }
    }

    /// Opens a slot for requests when no subscription has made one.
    mutating func openPostSlot(at now: Instant) {
        guard posts.isWaiting, !slots.contains(where: { $0.endpoint == .api && $0.kind != .probe }) else { return }
        _ = openSlot(placement.policy == .packed ? .packed : .shared, .api, at: now)
    }

    /// Whether a slot is to have a connection.
    func needsConnection(_ slot: ConnectionSlot) -> Bool { slot.memberCount > 0 || isNeededForPosts(slot) }

    /// Whether a slot that carries nothing is kept, or dialled, for the sake of requests.
    func isNeededForPosts(_ slot: ConnectionSlot) -> Bool {
        guard slot.endpoint == .api, slot.kind != .probe else { return false }
        return posts.isWaiting || slot.connection.map { posts.isInFlight(on: $0) } ?? false
    }
}
