package import HyperliquidWire

/// What the venue answered to a request over the socket (PROTOCOL 2.4).
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
        var type = ""
        var payload: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "payload": payload = try reader.readRaw()
            default: try reader.skipUnknown()
            }
        }
        guard let payload else { throw DecodingFault(.missingField, at: start, field: "payload") }
        self = try MessageReader.read(payload) { (reader) throws(DecodingFault) in
            switch type {
            case "info": .answer(try Self.readField("data", &reader))
            case "action": try Self.readAction(&reader)
            case "error": .refused(try reader.readString())
            default: throw DecodingFault(.unexpectedType, at: start, field: "type")
            }
        }
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
        let start = reader.byteOffset
        var status = ""
        var response: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "status": status = try reader.readString()
            case "response": response = try reader.readRaw()
            default: try reader.skipUnknown()
            }
        }
        guard let response else { throw DecodingFault(.missingField, at: start, field: "response") }
        guard status != "ok" else { return .answer(response) }
        let text = try? MessageReader.read(response) { (reader) throws(DecodingFault) in try reader.readString() }
        return .refused(text ?? String(decoding: response, as: UTF8.self))
    }
}
