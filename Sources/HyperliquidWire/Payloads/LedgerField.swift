/// One field of a ledger update.
public struct LedgerField: Hashable, Sendable {
    /// What a field holds.
    public enum Value: Hashable, Sendable {
        /// An amount, in USDC or in the update's token.
        case decimal(ExactDecimal)
        /// A user or a vault.
        case address(Address)
        /// A name.
        case text(String)
        /// A number that counts.
        case integer(Int64)
        /// Yes or no.
        case flag(Bool)
        /// The positions of a liquidation.
        case positions([LiquidatedPosition])
        /// The venue said that there is none (`nonce` of a spot transfer).
        case null
        /// Something that this version does not know, kept as it came.
        case raw(RawMessage)
    }

    /// The venue's name of the field.
    public let name: String
    /// Its value.
    public let value: Value

    /// Makes a field.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

extension LedgerField {
    private static let decimals: Set<String> = [
        "usdc", "amount", "fee", "usdcValue", "nativeTokenFee", "liquidatedNtlPos", "accountValue", "requestedUsd",
        "commission", "closingCost", "basis", "netWithdrawnUsd", "interestAmount",
    ]
    private static let addresses: Set<String> = ["user", "destination", "vault"]
    private static let texts: Set<String> = [
        "token", "feeToken", "sourceDex", "destinationDex", "dex", "operation", "leverageType",
    ]
    private static let flags: Set<String> = ["toPerp", "isDeposit"]

    /// Reads the field `key` of an update of that kind. A known kind's known field of another form is a fault; of a
    /// kind that is not known nothing is demanded.
    init(_ key: FieldKey, _ kind: LedgerUpdateKind, from reader: inout MessageReader) throws(DecodingFault) {
        let name = key.text
        self.name = name
        guard reader.peekType() != .null else {
            try reader.readNull()
            value = .null
            return
        }
        var attempt = reader
        do throws(DecodingFault) {
            if let known = try Self.read(name, from: &attempt) {
                reader = attempt
                value = known
                return
            }
        } catch {
            guard !kind.isKnown else { throw error }
        }
        reader.unknownCount += 1
        value = .raw(RawMessage(bytes: try reader.readRaw()))
    }

    private static func read(_ name: String, from reader: inout MessageReader) throws(DecodingFault) -> Value? {
        if decimals.contains(name) { return .decimal(try reader.readDecimal()) }
        if addresses.contains(name) { return .address(try reader.readAddress()) }
        if texts.contains(name) { return .text(try reader.readString()) }
        if flags.contains(name) { return .flag(try reader.readBoolean()) }
        if name == "nonce" { return .integer(try reader.readInteger()) }
        guard name == "liquidatedPositions" else { return nil }
        return .positions(try reader.readArray { (r) throws(DecodingFault) in try LiquidatedPosition(from: &r) })
    }
}

extension LedgerField.Value: JSONWritable {
    /// Writes the value.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .decimal(let decimal): writer.value(decimal)
        case .address(let address): writer.value(address)
        case .text(let text): writer.value(text)
        case .integer(let integer): writer.value(integer)
        case .flag(let flag): writer.value(flag)
        case .positions(let positions): writer.array(positions)
        case .null: writer.null()
        case .raw(let raw): writer.value(raw)
        }
    }
}
