package import HyperliquidWire

/// The venue's answer to a post, a request over the socket (docs/protocol.md, "Posts").
package struct PostResponse: Hashable, Sendable {
    /// The result of a post.
    package enum Outcome: Hashable, Sendable {
        /// The JSON text of the result: the value of `data` for an `info` request, of `response` for an action.
        case answer([UInt8])
        /// The venue refused the request with this text, as ``VenueText`` shows it. It executed no part of it.
        case refused(String)
        /// The answer has an unknown form.
        case unreadable(DecodingFault)
    }

    package let id: PostID
    package let outcome: Outcome
    /// What the answer adds to the weight of its request.
    package let addedWeight: Int

    /// The text with which the venue refused the request because the requests weigh too much. It is that of the REST API
    /// (docs/protocol.md, "Posts").
    package var limitRefusal: String? {
        guard case .refused(let text) = outcome, text.hasPrefix("429") else { return nil }
        return text
    }

    /// The fact that it came on a connection. After a refusal because of the weight, the request waits or fails, so its
    /// caller is not given the answer.
    package func input(on connection: ConnectionID) -> Engine.Input {
        limitRefusal.map { .postLimited(connection, id, $0) } ?? .postAnswered(connection, id, addedWeight: addedWeight)
    }

    private init(_ id: UInt64, _ outcome: Outcome, addedWeight: Int = 0) {
        (self.id, self.outcome, self.addedWeight) = (PostID(id), outcome, addedWeight)
    }

    /// Reads the data of a message on the channel `post`; `nil` if it has no id or no response.
    package static func read(_ reader: inout MessageReader) -> PostResponse? {
        var id: UInt64?
        var response: [UInt8]?
        do throws(DecodingFault) {
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) {
                switch key {
                case "id": id = UInt64(exactly: try reader.readInteger())
                case "response": response = try reader.readRaw()
                default: try reader.skipUnknown()
                }
            }
        } catch {
            return id.map { PostResponse($0, .unreadable(reader.located(error))) }
        }
        guard let id, let response else { return nil }
        do throws(DecodingFault) {
            return try MessageReader.read(response) { (reader) throws(DecodingFault) in try read(id, &reader) }
        } catch {
            return PostResponse(id, .unreadable(error))
        }
    }

    private static func read(_ id: UInt64, _ reader: inout MessageReader) throws(DecodingFault) -> PostResponse {
        let start = reader.byteOffset
        let (type, payload) = try readFields("type", "payload", &reader)
        return try MessageReader.read(payload) { (reader) throws(DecodingFault) in
            switch type {
            case "info":
                let (question, data) = try readFields("type", "data", &reader)
                return PostResponse(
                    id, .answer(data), addedWeight: RequestWeight(ofType: question).added(by: data))
            case "action": return PostResponse(id, try readAction(&reader))
            case "error": return PostResponse(id, .refused(VenueText.shown(try reader.readString())))
            default: throw DecodingFault(.unexpectedType, at: start, field: "type")
            }
        }
    }

    /// Reads a string field, `""` if it is missing, and the raw value of another field, which must be present.
    private static func readFields(
        _ word: String, _ name: String, _ reader: inout MessageReader
    ) throws(DecodingFault) -> (word: String, value: [UInt8]) {
        let start = reader.byteOffset
        var text = ""
        var value: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key.text {
            case word: text = try reader.readString()
            case name: value = try reader.readRaw()
            default: try reader.skipUnknown()
            }
        }
        guard let value else { throw DecodingFault(.missingField, at: start, field: name) }
        return (text, value)
    }

    private static func readAction(_ reader: inout MessageReader) throws(DecodingFault) -> Outcome {
        let (status, response) = try readFields("status", "response", &reader)
        guard status != "ok" else { return .answer(response) }
        let text = try? MessageReader.read(response) { (reader) throws(DecodingFault) in try reader.readString() }
        return .refused(VenueText.shown(text ?? String(decoding: response, as: UTF8.self)))
    }
}
