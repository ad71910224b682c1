/// A deposit, a withdrawal, a transfer, or whatever else changes an account but trades and funding.
///
/// Source: docs/protocol.md, "userNonFundingLedgerUpdates".
public struct LedgerUpdate: ReplayKey {
    /// When, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The transaction.
    public let hash: TransactionHash
    /// What changed.
    public let delta: LedgerDelta

    /// Puts the fields together.
    public init(timeMilliseconds: Int64, hash: TransactionHash, delta: LedgerDelta) {
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
        self.delta = delta
    }
}

extension LedgerUpdate: JSONWritable, UserRow {
    /// `nonFundingLedgerUpdates`
    public static var listName: String { "nonFundingLedgerUpdates" }

    init(from reader: inout MessageReader) throws(DecodingFault) {
        var timeMilliseconds: Int64?
        var hash: TransactionHash?
        var delta: LedgerDelta?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": timeMilliseconds = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "delta": delta = try LedgerDelta(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.timeMilliseconds = try reader.require(timeMilliseconds, "time", in: object)
        self.hash = try reader.require(hash, "hash", in: object)
        self.delta = try reader.require(delta, "delta", in: object)
    }

    /// Writes the update by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", timeMilliseconds)
        writer.field("hash", hash)
        writer.field("delta", delta)
        writer.endObject()
    }
}
