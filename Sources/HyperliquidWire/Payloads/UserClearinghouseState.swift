/// A user's margin and positions on one dex.
///
/// Source: docs/protocol.md, "clearinghouseState".
public struct UserClearinghouseState: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The state.
    public let state: ClearinghouseState

    /// Puts the fields together.
    public init(
        dex: String, user: Address, state: ClearinghouseState
    ) {
        self.dex = dex
        self.user = user
        self.state = state
    }
}

extension UserClearinghouseState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var state: ClearinghouseState?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "clearinghouseState": state = try ClearinghouseState(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.state = try reader.require(state, "clearinghouseState", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("clearinghouseState", state)
        writer.endObject()
    }
}
