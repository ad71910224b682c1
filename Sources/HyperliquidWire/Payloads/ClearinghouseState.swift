/// Margin and positions on one dex.
public struct ClearinghouseState: Hashable, Sendable {
    /// All positions.
    public var marginSummary: MarginSummary
    /// The positions that share their margin.
    public var crossMarginSummary: MarginSummary
    /// In USDC.
    public var crossMaintenanceMarginUsed: ExactDecimal
    /// In USDC.
    public var withdrawable: ExactDecimal
    /// The positions; a closed one may stay for a while with size `0.0`.
    public var assetPositions: [AssetPosition]
    /// By the venue's clock: milliseconds since 1970.
    public var time: Int64

    /// Puts the fields together.
    package init(
        marginSummary: MarginSummary, crossMarginSummary: MarginSummary,
        crossMaintenanceMarginUsed:
            ExactDecimal, withdrawable: ExactDecimal, assetPositions: [AssetPosition], time: Int64
    ) {
        self.marginSummary = marginSummary
        self.crossMarginSummary = crossMarginSummary
        self.crossMaintenanceMarginUsed = crossMaintenanceMarginUsed
        self.withdrawable = withdrawable
        self.assetPositions = assetPositions
        self.time = time
    }
}

extension ClearinghouseState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var marginSummary: MarginSummary?
        var crossMarginSummary: MarginSummary?
        var crossMaintenanceMarginUsed: ExactDecimal?
        var withdrawable: ExactDecimal?
        var assetPositions: [AssetPosition]?
        var time: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "marginSummary": marginSummary = try MarginSummary(from: &reader)
            case "crossMarginSummary": crossMarginSummary = try MarginSummary(from: &reader)
            case "crossMaintenanceMarginUsed": crossMaintenanceMarginUsed = try reader.readDecimal()
            case "withdrawable": withdrawable = try reader.readDecimal()
            case "assetPositions":
                assetPositions = try reader.readArray { (r) throws(DecodingFault) in try AssetPosition(from: &r) }
            case "time": time = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.marginSummary = try reader.require(marginSummary, "marginSummary", in: object)
        self.crossMarginSummary = try reader.require(crossMarginSummary, "crossMarginSummary", in: object)
        self.crossMaintenanceMarginUsed = try reader.require(
            crossMaintenanceMarginUsed, "crossMaintenanceMarginUsed", in: object)
        self.withdrawable = try reader.require(withdrawable, "withdrawable", in: object)
        self.assetPositions = try reader.require(assetPositions, "assetPositions", in: object)
        self.time = try reader.require(time, "time", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("marginSummary", marginSummary)
        writer.field("crossMarginSummary", crossMarginSummary)
        writer.field("crossMaintenanceMarginUsed", crossMaintenanceMarginUsed)
        writer.field("withdrawable", withdrawable)
        writer.field("assetPositions", array: assetPositions)
        writer.field("time", time)
        writer.endObject()
    }
}

/// Sums over an account.
public struct MarginSummary: Hashable, Sendable {
    /// In USDC.
    public var accountValue: ExactDecimal
    /// All positions, in USDC.
    public var totalNotional: ExactDecimal
    /// In USDC; may be negative.
    public var totalRawUSD: ExactDecimal
    /// In USDC.
    public var totalMarginUsed: ExactDecimal

    /// Puts the fields together.
    package init(
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

extension MarginSummary: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("accountValue", accountValue)
        writer.field("totalNtlPos", totalNotional)
        writer.field("totalRawUsd", totalRawUSD)
        writer.field("totalMarginUsed", totalMarginUsed)
        writer.endObject()
    }
}

/// A user's margin and positions on one dex.
public struct UserClearinghouseState: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public var dex: String
    /// The user, in lower case.
    public var user: Address
    /// The state.
    public var state: ClearinghouseState

    /// Puts the fields together.
    package init(
        dex: String, user: Address, state: ClearinghouseState
    ) {
        self.dex = dex
        self.user = user
        self.state = state
    }
}

extension UserClearinghouseState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var state: ClearinghouseState?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "clearinghouseState": state = try ClearinghouseState(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.state = try reader.require(state, "clearinghouseState", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("clearinghouseState", state)
        writer.endObject()
    }
}
