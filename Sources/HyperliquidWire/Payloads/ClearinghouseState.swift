/// Margin and positions on one dex.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct ClearinghouseState: Hashable, Sendable {
    /// The sums over all positions.
    public let marginSummary: MarginSummary
    /// The sums over the positions that share their margin.
    public let crossMarginSummary: MarginSummary
    /// The maintenance margin of the positions that share their margin, in USDC.
    public let crossMaintenanceMarginUsed: ExactDecimal
    /// The amount that can be withdrawn, in USDC.
    public let withdrawable: ExactDecimal
    /// The positions. A closed one may remain for a while, with size `0.0`.
    public let assetPositions: [AssetPosition]
    /// The time of this state, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64

    /// Creates a clearinghouse state.
    public init(
        marginSummary: MarginSummary, crossMarginSummary: MarginSummary,
        crossMaintenanceMarginUsed:
            ExactDecimal, withdrawable: ExactDecimal, assetPositions: [AssetPosition], timeMilliseconds: Int64
    ) {
        self.marginSummary = marginSummary
        self.crossMarginSummary = crossMarginSummary
        self.crossMaintenanceMarginUsed = crossMaintenanceMarginUsed
        self.withdrawable = withdrawable
        self.assetPositions = assetPositions
        self.timeMilliseconds = timeMilliseconds
    }
}

extension ClearinghouseState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var marginSummary: MarginSummary?
        var crossMarginSummary: MarginSummary?
        var crossMaintenanceMarginUsed: ExactDecimal?
        var withdrawable: ExactDecimal?
        var assetPositions: [AssetPosition]?
        var timeMilliseconds: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "marginSummary": marginSummary = try MarginSummary(from: &reader)
            case "crossMarginSummary": crossMarginSummary = try MarginSummary(from: &reader)
            case "crossMaintenanceMarginUsed": crossMaintenanceMarginUsed = try reader.readDecimal()
            case "withdrawable": withdrawable = try reader.readDecimal()
            case "assetPositions":
                assetPositions = try reader.readArray { (r) throws(DecodingFault) in try AssetPosition(from: &r) }
            case "time": timeMilliseconds = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.marginSummary = try reader.require(marginSummary, "marginSummary", in: object)
        self.crossMarginSummary = try reader.require(crossMarginSummary, "crossMarginSummary", in: object)
        self.crossMaintenanceMarginUsed = try reader.require(
            crossMaintenanceMarginUsed, "crossMaintenanceMarginUsed", in: object)
        self.withdrawable = try reader.require(withdrawable, "withdrawable", in: object)
        self.assetPositions = try reader.require(assetPositions, "assetPositions", in: object)
        self.timeMilliseconds = try reader.require(timeMilliseconds, "time", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("marginSummary", marginSummary)
        writer.field("crossMarginSummary", crossMarginSummary)
        writer.field("crossMaintenanceMarginUsed", crossMaintenanceMarginUsed)
        writer.field("withdrawable", withdrawable)
        writer.field("assetPositions", array: assetPositions)
        writer.field("time", timeMilliseconds)
        writer.endObject()
    }
}

/// Sums over the positions of an account.
///
/// Source: docs/protocol.md, "MarginSummary".
public struct MarginSummary: Hashable, Sendable {
    /// The value of the account, in USDC.
    public let accountValue: ExactDecimal
    /// The value of all positions, in USDC.
    public let totalNotional: ExactDecimal
    /// The balance without the positions, in USDC; may be negative.
    public let totalRawUSD: ExactDecimal
    /// The margin that the positions use, in USDC.
    public let totalMarginUsed: ExactDecimal

    /// Creates a margin summary.
    public init(
        accountValue: ExactDecimal, totalNotional: ExactDecimal, totalRawUSD: ExactDecimal,
        totalMarginUsed:
            ExactDecimal
    ) {
        self.accountValue = accountValue
        self.totalNotional = totalNotional
        self.totalRawUSD = totalRawUSD
        self.totalMarginUsed = totalMarginUsed
    }
}

extension MarginSummary: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var accountValue: ExactDecimal?
        var totalNotional: ExactDecimal?
        var totalRawUSD: ExactDecimal?
        var totalMarginUsed: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "accountValue": accountValue = try reader.readDecimal()
            case "totalNtlPos": totalNotional = try reader.readDecimal()
            case "totalRawUsd": totalRawUSD = try reader.readDecimal()
            case "totalMarginUsed": totalMarginUsed = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.accountValue = try reader.require(accountValue, "accountValue", in: object)
        self.totalNotional = try reader.require(totalNotional, "totalNtlPos", in: object)
        self.totalRawUSD = try reader.require(totalRawUSD, "totalRawUsd", in: object)
        self.totalMarginUsed = try reader.require(totalMarginUsed, "totalMarginUsed", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("accountValue", accountValue)
        writer.field("totalNtlPos", totalNotional)
        writer.field("totalRawUsd", totalRawUSD)
        writer.field("totalMarginUsed", totalMarginUsed)
        writer.endObject()
    }
}

/// A position with its mode.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct AssetPosition: Hashable, Sendable {
    /// The mode: `oneWay`; an open set.
    public let type: String
    /// The position.
    public let position: Position

    /// Creates an asset position.
    public init(type: String, position: Position) {
        self.type = type
        self.position = position
    }
}

extension AssetPosition: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var type: String?
        var position: Position?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "position": position = try Position(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.type = try reader.require(type, "type", in: object)
        self.position = try reader.require(position, "position", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        writer.field("position", position)
        writer.endObject()
    }
}
