/// A user's state as the venue's own pages show it.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3: Hashable, Sendable {
    /// The account.
    public let userState: WebData3UserState
    /// Each dex, the main one first.
    public let perpDexStates: [WebData3DexState]

    /// Puts the fields together.
    public init(
        userState: WebData3UserState, perpDexStates: [WebData3DexState]
    ) {
        self.userState = userState
        self.perpDexStates = perpDexStates
    }
}

extension WebData3: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var userState: WebData3UserState?
        var perpDexStates: [WebData3DexState]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "userState": userState = try WebData3UserState(from: &reader)
            case "perpDexStates":
                perpDexStates = try reader.readArray { (r) throws(DecodingFault) in try WebData3DexState(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.userState = try reader.require(userState, "userState", in: object)
        self.perpDexStates = try reader.require(perpDexStates, "perpDexStates", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("userState", userState)
        writer.field("perpDexStates", array: perpDexStates)
        writer.endObject()
    }
}
