/// A user's spot balances.
///
/// Source: docs/protocol.md, "spotState".
public struct SpotState: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The balances.
    public let state: SpotBalances

    /// Puts the fields together.
    public init(
        user: Address, state: SpotBalances
    ) {
        self.user = user
        self.state = state
    }
}

extension SpotState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var state: SpotBalances?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "spotState": state = try SpotBalances(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.state = try reader.require(state, "spotState", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("spotState", state)
        writer.endObject()
    }
}
