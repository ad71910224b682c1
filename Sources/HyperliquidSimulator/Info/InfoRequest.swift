internal import HyperliquidWire

/// What is asked of `/info`: a type and its fields, those of a nested `req` among them.
struct InfoRequest: Hashable, Sendable {
    private(set) var type = ""
    private var texts: [String: String] = [:]
    private var integers: [String: Int64] = [:]
    private var flags: [String: Bool] = [:]

    /// Reads a body; nothing when it is no object with a type.
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

    func text(_ name: String) -> String { texts[name] ?? "" }
    func integer(_ name: String) -> Int64? { integers[name] }
    func flag(_ name: String) -> Bool { flags[name] ?? false }

    /// The account asked for; nothing when the address is none.
    var user: Address? { try? Address(text("user")) }
}
