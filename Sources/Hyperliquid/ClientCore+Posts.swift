internal import HyperliquidEngine

/// A request over the socket whose caller waits.
struct PendingPost {
    let kind: PostKind
    let payload: [UInt8]
    let onAnswer: (Result<RawMessage, HyperliquidError>) -> Void
}

extension ClientCore {
    func makePostID() -> PostID {
        lastPost += 1
        return PostID(lastPost)
    }

    /// Registers a request and tells the engine.
    func post(_ id: PostID, _ post: PendingPost, timeout: Duration) {
        posts[id] = post
        submit(.posted(id, post.kind, timeout: timeout))
    }

    func sendPost(_ id: PostID, on connection: ConnectionID) {
        guard let post = posts[id] else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("method", "post")
        writer.field("id", Int64(clamping: id.rawValue))
        writer.key("request")
        writer.beginObject()
        writer.field("type", post.kind.rawValue)
        writer.key("payload")
        writer.raw(post.payload)
        writer.endObject()
        writer.endObject()
        ports[connection]?.send(text: writer.bytes)
    }

    /// An answer has come; whoever still waits gets it.
    func postAnswered(_ response: PostResponse, on connection: ConnectionID) {
        if let post = posts.removeValue(forKey: response.id) {
            post.onAnswer(Result(response.outcome, of: post.kind))
        } else {
            unsafe counters.unroutedCount += 1
        }
        submit(.postAnswered(connection, response.id))
    }

    func failPost(_ id: PostID, _ failure: Engine.PostFailure) {
        guard let post = posts.removeValue(forKey: id) else { return }
        post.onAnswer(.failure(HyperliquidError(failure)))
    }
}

extension Result<RawMessage, HyperliquidError> {
    fileprivate init(_ outcome: PostResponse.Outcome, of kind: PostKind) {
        switch outcome {
        case .answer(let bytes): self = .success(RawMessage(bytes: bytes))
        case .refused(let text):
            self = .failure(HyperliquidError(.refused, "The venue refused the request: \"\(text)\"."))
        case .unreadable(let fault) where kind == .action:
            self = .failure(
                HyperliquidError(
                    .unknownOutcome,
                    "The venue's answer to an action cannot be read (\(fault)); look for its effect before you repeat it.",
                    cause: fault))
        case .unreadable(let fault):
            self = .failure(
                HyperliquidError(.unreadableAnswer, "The venue's answer cannot be read: \(fault).", cause: fault))
        }
    }
}

extension HyperliquidError {
    fileprivate init(_ failure: Engine.PostFailure) {
        switch failure {
        case .timedOut(let wait):
            self.init(.timedOut, "The request was not answered in time: it waited for \(wait.sentence).")
        case .unknownOutcome(let loss):
            self.init(
                .unknownOutcome,
                "\(loss.sentence) after the action was sent and before its answer came: it may have been carried out; "
                    + "look for its effect, by its nonce or client order id, before you repeat it.")
        case .neverFits:
            self.init(
                .neverFits, "No request can ever be sent: `limits.postsInFlight` is 0; raise it.")
        case .refused(let text): self.init(.refused, "The venue refused the request: \"\(text)\".")
        case .cancelled:
            self.init(.cancelled, "The task that waited for the answer was cancelled; nothing has happened.")
        case .clientEnded: self.init(.clientEnded, "The client ended before the answer came; nothing has happened.")
        }
    }
}

extension Engine.PostWait {
    fileprivate var sentence: String {
        switch self {
        case .start: "the client to run; call `run()` in a task of its own"
        case .connection: "a connection; check that the venue can be reached"
        case .window: "earlier requests to be answered; `limits.postsInFlight` are on their way"
        case .messageLimit: "its turn to be sent under `limits.messagesPerSecond` and `limits.messagesPerMinute`"
        case .answer: "the venue's answer"
        }
    }
}

extension Engine.PostLoss {
    fileprivate var sentence: String {
        switch self {
        case .connectionLost(let reason): "The connection was lost (\(reason))"
        case .timedOut: "The time was over"
        case .cancelled: "The task that waited was cancelled"
        case .clientEnded: "The client ended"
        }
    }
}
