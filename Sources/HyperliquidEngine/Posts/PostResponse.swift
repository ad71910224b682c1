package import HyperliquidWire

/// What the venue answered to a request over the socket (docs/protocol.md, "Posts").
package struct PostResponse: Hashable, Sendable {
    /// What became of the request.
    package enum Outcome: Hashable, Sendable {
        /// The value of `data` of a question, or of `response` of an action: JSON as it came.
        case answer([UInt8])
        /// The venue refused it, in these words; nothing was executed.
        case refused(String)
        /// It has another form than is known.
        case unreadable(DecodingFault)
    }

    package let id: PostID
    package let outcome: Outcome

    /// Reads the data of a message of the channel `post`; nothing when it names no request.
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
            case "error": .refused(try reader.readString())
            default: throw DecodingFault(.unexpectedType, at: start, field: "type")
            }
        }
    }

    /// A word, empty where there is none, and the value that it is about.
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
        return .refused(text ?? String(decoding: response, as: UTF8.self))
    }
}
