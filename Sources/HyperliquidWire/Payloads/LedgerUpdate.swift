/// A deposit, a withdrawal, a transfer, or whatever else changes an account but trades and funding.
///
/// Source: docs/protocol.md, "userNonFundingLedgerUpdates".
public struct LedgerUpdate: ReplayKey {
    /// When, by the venue's clock: milliseconds since 1970.
    public var time: Int64
    /// The transaction.
    public var hash: TransactionHash
    /// What changed.
    public var delta: LedgerDelta

    /// Puts the fields together.
    package init(time: Int64, hash: TransactionHash, delta: LedgerDelta) {
        self.time = time
        self.hash = hash
        self.delta = delta
    }
}

extension LedgerUpdate: JSONWritable, UserRow {
    /// `nonFundingLedgerUpdates`
    public static var listName: String { "nonFundingLedgerUpdates" }

    init(from reader: inout MessageReader) throws(DecodingFault) {
        var time: Int64?
        var hash: TransactionHash?
        var delta: LedgerDelta?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": time = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "delta": delta = try LedgerDelta(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.time = try reader.require(time, "time", in: object)
        self.hash = try reader.require(hash, "hash", in: object)
        self.delta = try reader.require(delta, "delta", in: object)
    }

    /// Writes the update by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", time)
        writer.field("hash", hash)
        writer.field("delta", delta)
        writer.endObject()
    }
}
