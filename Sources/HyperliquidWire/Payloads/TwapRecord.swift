/// One event in the life of a TWAP order.
///
/// Source: docs/protocol.md, "userTwapHistory".
public struct TwapRecord: Hashable, Sendable {
    /// The time of the event, by the venue's clock: SECONDS since 1970, unlike all other times.
    public let timeSeconds: Int64
    /// The order at that time.
    public let state: TwapState
    /// What happened to the order.
    public let status: TwapStatus
    /// The id of the order.
    public let twapID: Int64?

    /// Creates a TWAP record.
    public init(timeSeconds: Int64, state: TwapState, status: TwapStatus, twapID: Int64? = nil) {
        self.timeSeconds = timeSeconds
        self.state = state
        self.status = status
        self.twapID = twapID
    }

    /// Distinguishes one record from another.
    public struct RowKey: ReplayKey {
        let timeSeconds: Int64
        let twapID: Int64?
        let status: TwapStatus
    }

    /// The key of this record.
    public var rowKey: RowKey { RowKey(timeSeconds: timeSeconds, twapID: twapID, status: status) }

    /// The time in milliseconds since 1970, clamped to 64 bits: a hostile message may say anything.
    public var rowTimeMilliseconds: Int64 {
        let (milliseconds, overflow) = timeSeconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (timeSeconds < 0 ? .min : .max) : milliseconds
    }
}

extension TwapRecord: VenueValue {
    /// Reads a record, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
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
            case "twapId": twapID = try reader.readNullable { (r) throws(DecodingFault) in try r.readInteger() }
            default: try reader.skipUnknown()
            }
        }
        self.timeSeconds = try reader.require(timeSeconds, "time", in: object)
        self.state = try reader.require(state, "state", in: object)
        self.status = try reader.require(status, "status", in: object)
        self.twapID = twapID
    }

    /// Writes the object with the venue's field names.
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

/// The status of a TWAP order.
///
/// Source: docs/protocol.md, "userTwapHistory" and "Irregularities on record" for `description` beside any status.
public struct TwapStatus: Hashable, Sendable {
    /// The status: `activated`, `finished`, `terminated`, `stopped`, `waitingForTrigger` or `error`; an open set.
    public let status: String
    /// The reason, in the venue's words.
    public let reason: String?

    /// Creates TWAP status.
    public init(status: String, reason: String? = nil) {
        self.status = status
        self.reason = reason
    }
}

extension TwapStatus: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var status: String?
        var reason: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "status": status = try reader.readString()
            case "description": reason = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            default: try reader.skipUnknown()
            }
        }
        self.status = try reader.require(status, "status", in: object)
        self.reason = reason
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("status", status)
        writer.field(ifPresent: "description", reason)
        writer.endObject()
    }
}
