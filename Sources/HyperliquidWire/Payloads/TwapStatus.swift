/// What happened to a TWAP order.
///
/// Source: docs/protocol.md, "userTwapHistory" and "Irregularities on record" for `description` beside any status.
public struct TwapStatus: Hashable, Sendable {
    /// `activated`, `finished`, `terminated`, `stopped`, `waitingForTrigger` or `error`; an open set.
    public let status: String
    /// Why, in the venue's words.
    public let reason: String?

    /// Puts the fields together.
    public init(
        status: String, reason: String? = nil
    ) {
        self.status = status
        self.reason = reason
    }
}

extension TwapStatus: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var status: String?
        var reason: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "status": status = try reader.readString()
            case "description": reason = try reader.readOptional { (r) throws(DecodingFault) in try r.readString() }
            default: try reader.skipUnknown()
            }
        }
        self.status = try reader.require(status, "status", in: object)
        self.reason = reason
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("status", status)
        writer.field(ifPresent: "description", reason)
        writer.endObject()
    }
}
