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
            return id.map { PostResponse(id: PostID($0), outcome: .unreadable(reader.located(error))) }
        }
        guard let id, let response else { return nil }
        do throws(DecodingFault) {
            let outcome = try MessageReader.read(response) { (reader) throws(DecodingFault) in try Outcome(&reader) }
            return PostResponse(id: PostID(id), outcome: outcome)
        } catch {
            return PostResponse(id: PostID(id), outcome: .unreadable(error))
        }
    }
}

extension PostResponse.Outcome {
    fileprivate init(_ reader: inout MessageReader) throws(DecodingFault) {
        let start = reader.byteOffset
        let (type, payload) = try Self.readFields("type", "payload", &reader)
        self = try MessageReader.read(payload) { (reader) throws(DecodingFault) in
            switch type {
            case "info": .answer(try Self.readField("data", &reader))
            case "action": try Self.readAction(&reader)
            case "error": .refused(VenueText.shown(try reader.readString()))
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

    private static func readField(_ name: String, _ reader: inout MessageReader) throws(DecodingFault) -> [UInt8] {
        let start = reader.byteOffset
        var value: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key.text == name { value = try reader.readRaw() } else { try reader.skipUnknown() }
        }
        guard let value else { throw DecodingFault(.missingField, at: start, field: name) }
        return value
    }

    private static func readAction(_ reader: inout MessageReader) throws(DecodingFault) -> Self {
        let (status, response) = try readFields("status", "response", &reader)
        guard status != "ok" else { return .answer(response) }
        let text = try? MessageReader.read(response) { (reader) throws(DecodingFault) in try reader.readString() }
        return .refused(VenueText.shown(text ?? String(decoding: response, as: UTF8.self)))
    }
}
