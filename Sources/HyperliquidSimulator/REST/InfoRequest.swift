internal import HyperliquidWire

/// A request to `/info`: a type and its fields, including those of a nested `req`.
///
/// It is the body of `POST /info`, or the payload of a post over the socket.
struct InfoRequest: Hashable, Sendable {
    private(set) var type = ""
    private var texts: [String: String] = [:]
    private var integers: [String: Int64] = [:]
    private var flags: [String: Bool] = [:]

    /// Reads a body; `nil` if it is not an object with a type.
    init?(_ body: [UInt8]) {
        do throws(DecodingFault) {
            try MessageReader.read(body) { (reader) throws(DecodingFault) in try self.read(&reader) }
        } catch {
            return nil
        }
        guard !type.isEmpty else { return nil }
    }

    private mutating func read(_ reader: inout MessageReader) throws(DecodingFault) {
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch reader.peekType() {
            case .string where key == "type": type = try reader.readString()
            case .string: texts[key.text] = try reader.readString()
            case .number: integers[key.text] = try reader.readInteger()
            case .boolean: flags[key.text] = try reader.readBoolean()
            case .object where key == "req": try read(&reader)
            case .object, .array, .null, .none: try reader.skipValue()
            }
        }
    }

    /// The text of a field; empty if the request has none.
    func text(_ name: String) -> String { texts[name] ?? "" }
    func integer(_ name: String) -> Int64? { integers[name] }
    /// The flag of a field; `false` if the request has none.
    func flag(_ name: String) -> Bool { flags[name] ?? false }

    /// The account asked about; `nil` if the request has no valid address.
    var user: Address? { try? Address(text("user")) }

    // MARK: Answering

    /// The answer as JSON (docs/protocol.md, "Info requests"); `nil` if the type is unknown or its fields are wrong.
    func answer(from market: inout Market) -> [UInt8]? {
        marketAnswer(from: &market) ?? userAnswer(from: &market)
    }

    /// The answer about an unknown coin.
    static let null = Array("null".utf8)
}
