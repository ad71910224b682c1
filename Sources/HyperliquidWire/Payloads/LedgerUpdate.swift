/// A deposit, a withdrawal, a transfer, or whatever else changes an account but trades and funding.
public struct LedgerUpdate: ReplayKey {
    /// When, by the venue's clock: milliseconds since 1970.
    public var time: Int64
    /// The transaction.
    public var hash: TransactionHash
    /// What changed.
    public var delta: Delta

    /// Puts the fields together.
    package init(time: Int64, hash: TransactionHash, delta: Delta) {
        self.time = time
        self.hash = hash
        self.delta = delta
    }

    /// What changed: a kind from an open set and its fields, by the venue's names.
    public struct Delta: Hashable, Sendable {
        /// The kind: `deposit`, `withdraw`, `spotTransfer`, `send`, `liquidation`, …
        public var type: String
        /// The whole object as it came, one JSON value in UTF-8.
        public var json: [UInt8]
        /// The fields that are texts, by name; decimals are texts too.
        public var texts: [String: String]
        /// The fields that are integers, by name.
        public var integers: [String: Int64]
        /// The fields that are Booleans, by name.
        public var flags: [String: Bool]

        /// A field that is a decimal, for example `usdc`, `amount` or `fee`.
        public func decimal(_ name: String) -> ExactDecimal? { texts[name].flatMap(ExactDecimal.init) }

        /// A field that is an address, for example `user`, `destination` or `vault`.
        public func address(_ name: String) -> Address? { texts[name].flatMap { try? Address($0) } }
    }
}

extension LedgerUpdate: JSONWritable, UserRow {
    /// `nonFundingLedgerUpdates`
    public static var listName: String { "nonFundingLedgerUpdates" }

    init(from reader: inout MessageReader) throws(DecodingFault) {
        var time: Int64?
        var hash: TransactionHash?
        var delta: Delta?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": time = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "delta": delta = try Delta(from: &reader)
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
        writer.key("delta")
        writer.raw(delta.json)
        writer.endObject()
    }
}

extension LedgerUpdate.Delta {
    /// The kinds known when this version was made.
    static let known: Set<String> = [
        "deposit", "withdraw", "internalTransfer", "subAccountTransfer", "accountClassTransfer", "spotTransfer", "send",
        "liquidation", "vaultCreate", "vaultDeposit", "vaultDistribution", "vaultWithdraw", "vaultLeaderCommission",
        "rewardsClaim", "spotGenesis", "deployGasAuction", "cStakingTransfer", "borrowLend", "activateDexAbstraction",
    ]

    init(from reader: inout MessageReader) throws(DecodingFault) {
        var copy = reader
        json = try copy.readRaw()
        (texts, integers, flags) = ([:], [:], [:])
        var type: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch reader.peekType() {
            case .string:
                let text = try reader.readString()
                if key == "type" { type = text } else { texts[key.text] = text }
            case .number: integers[key.text] = try reader.readInteger()
            case .boolean: flags[key.text] = try reader.readBoolean()
            case .object, .array, .null, .none: try reader.skipValue()
            }
        }
        self.type = try reader.require(type, "type", in: object)
        if !Self.known.contains(self.type) { reader.unknownCount += 1 }
    }

    /// A delta from its JSON text; nothing when it is no object with a type.
    package init?(json: [UInt8]) {
        guard let delta = try? MessageReader.read(json, { (reader) throws(DecodingFault) in try Self(from: &reader) })
        else { return nil }
        self = delta
    }
}
