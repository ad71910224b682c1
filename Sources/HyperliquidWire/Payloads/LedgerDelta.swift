/// What changed in an account: a kind from an open set, and that kind's fields.
///
/// docs/protocol.md, "userNonFundingLedgerUpdates" lists which kind has which fields. Fields that this version
/// does not know are kept as they came and counted, so nothing the venue says about money is lost.
public struct LedgerDelta: Hashable, Sendable {
    /// The kind.
    public let type: LedgerUpdateKind
    /// The other fields, in the venue's order, each name once.
    public let fields: [LedgerField]

    /// Puts the fields together; of a name that comes twice the last one counts.
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

    /// A delta from its JSON text; nothing when it is no object with a type.
    package init?(json: [UInt8]) {
        guard let delta = try? MessageReader.read(json, { (reader) throws(DecodingFault) in try Self(from: &reader) })
        else { return nil }
        self = delta
    }

    /// The field of that name, or nothing when the delta has none.
    public subscript(name: String) -> LedgerField.Value? { fields.first { $0.name == name }?.value }

    /// A field that is a decimal: `usdc`, `amount`, `fee`, `usdcValue`, `nativeTokenFee`, `liquidatedNtlPos`,
    /// `accountValue`, `requestedUsd`, `commission`, `closingCost`, `basis`, `netWithdrawnUsd`, `interestAmount`.
    public func decimal(_ name: String) -> ExactDecimal? {
        guard case .decimal(let decimal) = self[name] else { return nil }
        return decimal
    }

    /// A field that is an address: `user`, `destination` or `vault`.
    public func address(_ name: String) -> Address? {
        guard case .address(let address) = self[name] else { return nil }
        return address
    }

    /// A field that is a text: `token`, `feeToken`, `sourceDex`, `destinationDex`, `dex`, `operation`,
    /// `leverageType`.
    public func text(_ name: String) -> String? {
        guard case .text(let text) = self[name] else { return nil }
        return text
    }

    /// A field that is an integer: `nonce`.
    public func integer(_ name: String) -> Int64? {
        guard case .integer(let integer) = self[name] else { return nil }
        return integer
    }

    /// A field that is a Boolean: `toPerp` or `isDeposit`.
    public func flag(_ name: String) -> Bool? {
        guard case .flag(let flag) = self[name] else { return nil }
        return flag
    }

    /// What was liquidated: the positions of a `liquidation`, else nothing.
    public var liquidatedPositions: [LiquidatedPosition] {
        guard case .positions(let positions) = self["liquidatedPositions"] else { return [] }
        return positions
    }
}

extension LedgerDelta: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// The kind, wherever it stands in the object; the reader does not move.
    private static func kind(_ reader: borrowing MessageReader) throws(DecodingFault) -> LedgerUpdateKind {
        var reader = copy reader
        var kind: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "type" { kind = try reader.readString() } else { try reader.skipValue() }
        }
        return LedgerUpdateKind(rawValue: try reader.require(kind, "type", in: object))
    }

    /// Writes the delta by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        for field in fields { writer.field(field.name, field.value) }
        writer.endObject()
    }
}
