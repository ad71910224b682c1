/// One event in the life of a TWAP order.
///
/// Source: docs/protocol.md, "userTwapHistory".
public struct TwapRecord: Hashable, Sendable {
    /// When, by the venue's clock: SECONDS since 1970, unlike all other times.
    public let timeSeconds: Int64
    /// The order then.
    public let state: TwapState
    /// What happened to it.
    public let status: TwapStatus
    /// The order's id.
    public let twapID: Int64?

    /// Puts the fields together.
    public init(
        timeSeconds: Int64, state: TwapState, status: TwapStatus, twapID: Int64? = nil
    ) {
        self.timeSeconds = timeSeconds
        self.state = state
        self.status = status
        self.twapID = twapID
    }

    /// What tells one row from another.
    public struct RowKey: ReplayKey {
        let timeSeconds: Int64
        let twapID: Int64?
        let status: TwapStatus
    }

    var key: RowKey { RowKey(timeSeconds: timeSeconds, twapID: twapID, status: status) }

    /// The time in milliseconds, as far as 64 bits hold it: a hostile message may say anything.
    var timeMilliseconds: Int64 {
        let (milliseconds, overflow) = timeSeconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (timeSeconds < 0 ? .min : .max) : milliseconds
    }
}

extension TwapRecord: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var timeSeconds: Int64?
        var state: TwapState?
        var status: TwapStatus?
        var twapID: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": timeSeconds = try reader.readInteger()
            case "state": state = try TwapState(from: &reader)
            case "status": status = try TwapStatus(from: &reader)
            case "twapId": twapID = try reader.readOptional { (r) throws(DecodingFault) in try r.readInteger() }
            default: try reader.skipUnknown()
            }
        }
        self.timeSeconds = try reader.require(timeSeconds, "time", in: object)
        self.state = try reader.require(state, "state", in: object)
        self.status = try reader.require(status, "status", in: object)
        self.twapID = twapID
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", timeSeconds)
        writer.field("state", state)
        writer.field("status", status)
        writer.field(ifPresent: "twapId", twapID)
        writer.endObject()
    }
}

extension TwapRecord: UserRow {
    /// `history`
    public static var listName: String { "history" }
}
