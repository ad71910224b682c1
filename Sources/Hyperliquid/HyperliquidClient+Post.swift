internal import HyperliquidEngine
internal import NIOCore

extension HyperliquidClient {
    /// Asks the venue something over the socket, as its `/info` would be asked.
    ///
    /// It goes before subscriptions in the budget of messages. When its connection is lost it is asked again.
    /// - Parameters:
    ///   - payload: One JSON object, for example `{"type":"l2Book","coin":"ETH"}`; the explorer's questions cannot be
    ///     asked over the socket.
    ///   - timeout: How long to wait for the answer: 15 s by default.
    /// - Returns: What `/info` would answer, as JSON: an unknown coin's book is `null`.
    /// - Throws: ``HyperliquidError``: `invalidPayload`, `refused`, `timedOut`, `unreadableAnswer`, `cancelled`,
    ///   `clientEnded`.
    public func post(info payload: String, timeout: Duration = .seconds(15)) async throws(HyperliquidError)
        -> RawMessage
    {
        try await post(.info, payload, timeout)
    }

    /// Sends a signed action over the socket, as its `/exchange` would be sent one.
    ///
    /// It goes before subscriptions in the budget of messages. It is sent once: when its connection is lost before the
    /// answer, nobody knows whether it was carried out, and the call says so.
    /// - Parameters:
    ///   - payload: One JSON object: the whole body with `action`, `nonce` and `signature`.
    ///   - timeout: How long to wait for the answer: 15 s by default.
    /// - Returns: The venue's `response`, as JSON; its `data.statuses` may still hold errors of single orders.
    /// - Throws: ``HyperliquidError``: `invalidPayload`, `refused`, `timedOut` (it was not sent), `unknownOutcome`,
    ///   `cancelled` (it was not sent), `clientEnded` (it was not sent).
    public func post(
        action payload: String, timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> RawMessage {
        try await post(.action, payload, timeout)
    }

    private func post(
        _ kind: PostKind, _ payload: String, _ timeout: Duration
    ) async throws(HyperliquidError) -> RawMessage {
        let bytes = Array(payload.utf8)
        do throws(DecodingFault) {
            _ = try MessageReader.readFields(bytes)
        } catch {
            throw HyperliquidError(.invalidPayload, "The payload is not one JSON object: \(error).", cause: error)
        }
        let id = core.makePostID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<RawMessage, HyperliquidError>, Never>) in
                let post = PendingPost(kind: kind, payload: bytes) { continuation.resume(returning: $0) }
                core.post(id, post, timeout: timeout)
                if Task.isCancelled { core.submit(.postCancelled(id)) }
            }
        } onCancel: {
            perform { $0.core.submit(.postCancelled(id)) }
        }
        return try answer.get()
    }
}
