/// A vault that a user leads.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3Vault: Hashable, Sendable {
    /// Its address.
    public let address: Address
    /// Its name.
    public let name: String

    /// Puts the fields together.
    public init(
        address: Address, name: String
    ) {
        self.address = address
        self.name = name
    }
}

extension WebData3Vault: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var address: Address?
        var name: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "address": address = try reader.readAddress()
            case "name": name = try reader.readString()
            default: try reader.skipUnknown()
            }
        }
        self.address = try reader.require(address, "address", in: object)
        self.name = try reader.require(name, "name", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("address", address)
        writer.field("name", name)
        writer.endObject()
    }
}
