/// The change of an account: a kind from an open set, and that kind's fields.
///
/// docs/protocol.md, "userNonFundingLedgerUpdates" lists the fields of each kind. Fields that this version does not
/// know are kept as received and counted, so that nothing about money is lost.
public struct LedgerDelta: Hashable, Sendable {
    /// The kind.
    public let type: LedgerUpdateKind
    /// The other fields, in the venue's order, each name once.
    public let fields: [LedgerField]

    /// Creates a change. If a name is given twice, the last value is used.
    public init(type: LedgerUpdateKind, fields: [LedgerField]) {
        self.type = type
        var positions: [String: Int] = [:]
        var kept: [LedgerField] = []
        for field in fields {
            if let position = positions[field.name] {
                kept[position] = field
            } else {
                positions[field.name] = kept.count
                kept.append(field)
            }
        }
        self.fields = kept
    }

    /// Creates a change from its JSON text; `nil` if that is no object with a type.
    package init?(json: [UInt8]) {
        guard let delta = try? MessageReader.read(json, { (reader) throws(DecodingFault) in try Self(from: &reader) })
        else { return nil }
        self = delta
    }

    /// The value of the field `name`; `nil` if the change has no such field.
    public subscript(name: String) -> LedgerField.Value? { fields.first { $0.name == name }?.value }

    /// The value of a decimal field: `usdc`, `amount`, `fee`, `usdcValue`, `nativeTokenFee`, `liquidatedNtlPos`,
    /// `accountValue`, `requestedUsd`, `commission`, `closingCost`, `basis`, `netWithdrawnUsd` or `interestAmount`.
    public func decimal(_ name: String) -> ExactDecimal? {
        guard case .decimal(let decimal) = self[name] else { return nil }
        return decimal
    }

    /// The value of an address field: `user`, `destination` or `vault`.
    public func address(_ name: String) -> Address? {
        guard case .address(let address) = self[name] else { return nil }
        return address
    }

    /// The value of a text field: `token`, `feeToken`, `sourceDex`, `destinationDex`, `dex`, `operation` or
    /// `leverageType`.
    public func text(_ name: String) -> String? {
        guard case .text(let text) = self[name] else { return nil }
        return text
    }

    /// The value of an integer field: `nonce`.
    public func integer(_ name: String) -> Int64? {
        guard case .integer(let integer) = self[name] else { return nil }
        return integer
    }

    /// The value of a Boolean field: `toPerp` or `isDeposit`.
    public func flag(_ name: String) -> Bool? {
        guard case .flag(let flag) = self[name] else { return nil }
        return flag
    }

    /// The positions of a `liquidation`; empty for other kinds.
    public var liquidatedPositions: [LiquidatedPosition] {
        guard case .positions(let positions) = self["liquidatedPositions"] else { return [] }
        return positions
    }
}

extension LedgerDelta: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        let kind = try Self.kind(reader)
        if !kind.isKnown { reader.unknownCount += 1 }
        var fields: [LedgerField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "type" {
                try reader.skipValue()
            } else {
                fields.append(try LedgerField(key, kind, from: &reader))
            }
        }
        self.init(type: kind, fields: fields)
    }

    /// Finds the kind, wherever it stands in the object. The reader does not move.
    private static func kind(_ reader: borrowing MessageReader) throws(DecodingFault) -> LedgerUpdateKind {
        var reader = copy reader
        var kind: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "type" { kind = try reader.readString() } else { try reader.skipValue() }
        }
        return LedgerUpdateKind(rawValue: try reader.require(kind, "type", in: object))
    }

    /// Writes the delta with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        for field in fields { writer.field(field.name, field.value) }
        writer.endObject()
    }
}

/// One field of a ledger update.
public struct LedgerField: Hashable, Sendable {
    /// The value of a field.
    public enum Value: Hashable, Sendable {
        /// An amount, in USDC or in the update's token.
        case decimal(ExactDecimal)
        /// A user or a vault.
        case address(Address)
        /// A text.
        case text(String)
        /// An integer.
        case integer(Int64)
        /// A Boolean.
        case flag(Bool)
        /// The positions of a liquidation.
        case positions([LiquidatedPosition])
        /// JSON null (`nonce` of a spot transfer).
        case null
        /// A value that this version does not know, kept as received.
        case raw(RawMessage)
    }

    /// The venue's name of the field.
    public let name: String
    /// The value of the field.
    public let value: Value

    /// Creates a field.
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

    /// Reads the field `key` of a change of `kind`. If both are known, a value of another form is a fault; fields of
    /// an unknown kind may have any form.
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

/// A position that was liquidated.
///
/// Source: docs/protocol.md, "userNonFundingLedgerUpdates".
public struct LiquidatedPosition: Hashable, Sendable {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The size that was liquidated, in base units; negative if short.
    public let size: ExactDecimal

    /// Creates a position.
    public init(coin: Coin, size: ExactDecimal) {
        self.coin = coin
        self.size = size
    }
}

extension LiquidatedPosition: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var size: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "szi": size = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.size = try reader.require(size, "szi", in: object)
    }

    /// Writes the position with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("szi", size)
        writer.endObject()
    }
}
