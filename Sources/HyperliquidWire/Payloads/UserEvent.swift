/// What happened to a user.
///
/// Source: docs/protocol.md, "userEvents".
public enum UserEvent: Hashable, Sendable {
    /// Orders were filled.
    case fills([Fill])
    /// Funding was paid or received.
    case funding(Funding)
    /// Somebody was liquidated.
    case liquidation(Liquidation)
    /// Orders were cancelled, not by the user.
    case nonUserCancel([CancelledOrder])
    /// TWAP orders changed.
    case twapHistory([TwapRecord])
    /// Slices of TWAP orders were filled.
    case twapSliceFills([TwapSliceFill])
    /// Something this version does not know: its key, and its value as JSON in UTF-8.
    case unknown(String, [UInt8])
}

extension UserEvent: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var event: UserEvent?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "fills":
                event = .fills(try reader.readArray { (r) throws(DecodingFault) in try Fill(from: &r) })
            case "funding": event = .funding(try Funding(from: &reader))
            case "liquidation": event = .liquidation(try Liquidation(from: &reader))
            case "nonUserCancel":
                event = .nonUserCancel(
                    try reader.readArray { (r) throws(DecodingFault) in try CancelledOrder(from: &r) })
            case "twapHistory":
                event = .twapHistory(try reader.readArray { (r) throws(DecodingFault) in try TwapRecord(from: &r) })
            case "twapSliceFills":
                event = .twapSliceFills(
                    try reader.readArray { (r) throws(DecodingFault) in try TwapSliceFill(from: &r) })
            default:
                reader.unknownCount += 1
                let value = try reader.readRaw()
                // A known key beside it tells more.
                event = event ?? .unknown(key.text, value)
            }
        }
        // Which key is missing nobody can tell: the object has one of several.
        guard let event else { throw DecodingFault(.missingField, at: object.start) }
        self = event
    }

    /// Writes the event by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .fills(let fills): writer.field("fills", array: fills)
        case .funding(let funding): writer.field("funding", funding)
        case .liquidation(let liquidation): writer.field("liquidation", liquidation)
        case .nonUserCancel(let orders): writer.field("nonUserCancel", array: orders)
        case .twapHistory(let records): writer.field("twapHistory", array: records)
        case .twapSliceFills(let fills): writer.field("twapSliceFills", array: fills)
        case .unknown(let key, let json):
            writer.key(key)
            writer.raw(json)
        }
        writer.endObject()
    }
}
