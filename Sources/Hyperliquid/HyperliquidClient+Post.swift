internal import HyperliquidEngine
internal import NIOCore

extension HyperliquidClient {
    /// Sends an information request over the WebSocket, with the same payload as a request to the venue's `/info`.
    ///
    /// The request is sent before subscriptions that wait for the message limits, and sent again if its connection is
    /// lost. It waits while the requests of the last minute weigh as much as `limits.requestWeightPerMinute` allows, and
    /// for 10 s after the venue said that they weigh too much.
    /// - Parameters:
    ///   - payload: One JSON object, for example `{"type":"l2Book","coin":"ETH"}`. The explorer's requests cannot be
    ///     sent over the WebSocket.
    ///   - timeout: How long to wait for the answer: 15 s by default.
    /// - Returns: The answer of `/info` as JSON. The book of an unknown coin is `null`.
    /// - Throws: ``HyperliquidError`` with one of the codes `invalidPayload`, `refused`, `timedOut`, `notRunning`,
    ///   `neverFits`, `unreadableAnswer`, `cancelled` and `clientEnded`.
    public func post(info payload: String, timeout: Duration = .seconds(15)) async throws(HyperliquidError)
        -> RawMessage
    {
        try await post(.info, payload, timeout)
    }

    /// Sends a signed action over the WebSocket, with the same payload as a request to the venue's `/exchange`.
    ///
    /// The action is sent before everything else that waits for the message limits, of which a tenth is kept free for
    /// actions, on the connection that was heard last. After the venue said that too many messages were sent, five
    /// actions that cancel are still sent; others wait. An action is sent only once. If its connection is lost before
    /// the answer comes, it is unknown whether the action was carried out: the call throws `unknownOutcome`.
    /// - Parameters:
    ///   - payload: One JSON object: the whole body with `action`, `nonce` and `signature`.
    ///   - timeout: How long to wait for the answer: 15 s by default.
    /// - Returns: The venue's `response` as JSON. Its `data.statuses` may still hold errors of single orders.
    /// - Throws: ``HyperliquidError`` with one of the codes `invalidPayload`, `refused` and `unknownOutcome`; or, when the
    ///   action was not sent, `timedOut`, `notRunning`, `neverFits`, `cancelled` and `clientEnded`.
    public func post(
        action payload: String, timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> RawMessage {
        try await post(Self.isCancel(payload) ? .cancel : .action, payload, timeout)
    }

    /// Whether an action cancels orders, by its `type`: `cancel`, `cancelByCloid` or `scheduleCancel`.
    private static func isCancel(_ payload: String) -> Bool {
        guard let fields = try? MessageReader.readFields(Array(payload.utf8)),
            let action = fields.first(where: { $0.name == "action" })?.json,
            let type = (try? MessageReader.readFields(action))?.first(where: { $0.name == "type" })?.json
        else { return false }
        return [#""cancel""#, #""cancelByCloid""#, #""scheduleCancel""#].contains { $0.utf8.elementsEqual(type) }
    }

    private func post(
        _ kind: PostKind, _ payload: String, _ timeout: Duration
    ) async throws(HyperliquidError) -> RawMessage {
        let bytes = Array(payload.utf8)
        let weight: RequestWeight
        do throws(DecodingFault) {
            let type = try MessageReader.readFields(bytes).first { $0.name == "type" }?.json ?? []
            weight =
                kind == .info
                ? RequestWeight(ofType: String(decoding: type.dropFirst().dropLast(), as: UTF8.self)) : .action
        } catch {
            throw HyperliquidError(
                code: .invalidPayload, message: "The payload is not one JSON object: \(error).", cause: error)
        }
        let id = runtime.makePostID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<RawMessage, HyperliquidError>, Never>) in
                let post = PostRegistry.PendingPost(kind: kind, payload: bytes) { continuation.resume(returning: $0) }
                runtime.post(id, post, weight: weight.base, timeout: timeout)
                if Task.isCancelled { runtime.submit(.postCancelled(id)) }
            }
        } onCancel: {
            perform { $0.runtime.submit(.postCancelled(id)) }
        }
        return try answer.get()
    }
}
