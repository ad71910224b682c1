package import HyperliquidWire

extension Exchange {
    /// Answers a request over the socket; each takes its own time, so answers may overtake one another
    /// (docs/protocol.md, "R27").
    mutating func answer(
        _ post: Int64, _ request: ClientRequest.PostRequest, on id: ExchangeConnectionID, at now: Instant
    ) {
        let waiting = connections.reduce(0) { $0 + $1.posts.count }
        guard waiting < configuration.postLimit else {
            return sendError("too many pending post requests id=\(post)", on: id, at: now)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", "post")
        writer.key("data")
        writer.beginObject()
        writer.field("id", post)
        writer.key("response")
        write(request, to: &writer)
        writer.endObject()
        writer.endObject()
        guard let index = index(of: id) else { return }
        let due = now.advanced(by: faults.answerDelay ?? draw(from: configuration.postDelay))
        connections[index].insert(post: .init(due: due, bytes: writer.bytes, resets: false))
    }

    private mutating func write(_ request: ClientRequest.PostRequest, to writer: inout JSONWriter) {
        writer.beginObject()
        switch request {
        case .info(let info):
            if let answer = market.answer(info: info) {
                writer.field("type", "info")
                writer.key("payload")
                writer.beginObject()
                writer.field("type", info.type)
                writer.key("data")
                writer.raw(answer)
                writer.endObject()
            } else {
                writer.field("type", "error")
                writer.field("payload", "422 Unprocessable Entity: \(Self.unreadableBody)")
            }
        case .action:
            // The signer is found from the signature, which nothing here checks: an address by chance, as the
            // venue answers to a wrong one.
            let address = (0..<20).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            let text = address.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            writer.field("type", "action")
            writer.key("payload")
            writer.raw(Self.refusedAction(address: "0x" + text))
        }
        writer.endObject()
    }

    /// What the venue says to a body that it cannot read.
    static let unreadableBody = "Failed to deserialize the JSON body into the target type"

    static func refusedAction(address: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", "err")
        writer.field("response", "User or API Wallet \(address) does not exist.")
        writer.endObject()
        return writer.bytes
    }

    /// Answers `POST /info`: 200 with JSON, or 422 with a short text (docs/protocol.md, "Info requests").
    package mutating func answer(infoBody body: [UInt8], at now: Instant) -> (status: Int, body: [UInt8]) {
        market.advance(toMilliseconds: milliseconds(at: now))
        guard let request = InfoRequest(body), let answer = market.answer(info: request) else {
            return (422, Array(Self.unreadableBody.utf8))
        }
        return (200, answer)
    }
}
