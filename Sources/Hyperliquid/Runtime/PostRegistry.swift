internal import HyperliquidEngine

/// The requests over the socket whose callers wait, with their payloads: the engine knows only their ids.
struct PostRegistry {
    /// A request and its waiting caller.
    struct PendingPost {
        let kind: PostKind
        /// The payload, one JSON object.
        let payload: [UInt8]
        /// Called once with the answer, or with the reason why there is none.
        let onAnswer: (Result<RawMessage, HyperliquidError>) -> Void
    }

    private var pending: [PostID: PendingPost] = [:]
    private var lastID: UInt64 = 0

    /// A new id, never used twice.
    mutating func makeID() -> PostID {
        lastID += 1
        return PostID(lastID)
    }

    /// Adds a request.
    mutating func add(_ id: PostID, _ post: PendingPost) { pending[id] = post }

    /// The message that sends a request; `nil` if its caller no longer waits.
    func message(_ id: PostID) -> [UInt8]? {
        guard let post = pending[id] else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("method", "post")
        writer.field("id", Int64(clamping: id.rawValue))
        writer.key("request")
        writer.beginObject()
        writer.field("type", post.kind.type)
        writer.key("payload")
        writer.raw(post.payload)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Gives an answer to its caller.
    /// - Returns: `false` if its caller no longer waits.
    mutating func answer(_ response: PostResponse) -> Bool {
        guard let post = pending.removeValue(forKey: response.id) else { return false }
        switch response.outcome {
        case .answer(let bytes): post.onAnswer(.success(RawMessage(bytes: bytes)))
        case .refused(let text): post.onAnswer(.failure(.refused(text)))
        case .unreadable(let fault): post.onAnswer(.failure(.unreadable(fault, to: post.kind)))
        }
        return true
    }

    /// Tells the caller of a request, if one still waits, that the engine has ended it.
    /// - Parameter lastFailure: The last failure of the API's address.
    mutating func fail(_ id: PostID, _ failure: Engine.PostFailure, lastFailure: ConnectionFailure?) {
        guard let post = pending.removeValue(forKey: id) else { return }
        post.onAnswer(.failure(HyperliquidError(failure, lastFailure: lastFailure)))
    }
}
