/// A user's state as the venue's own pages show it.
///
/// Every message is the full state.
public struct WebData3Feed: UserFeed {
    /// The user.
    public let user: Address

    /// Creates the feed.
    public init(user: Address) {
        self.user = user
    }

    /// `webData3`.
    public static var typeName: String { "webData3" }
    /// What the feed delivers.
    public static var summary: String { "a user's state as the venue's own pages show it" }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "webData3", route: .userState, routeKey: [user.description],
            snapshot: .everyMessage, delivery: .latest, priority: .low)
    }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: WebData3) -> Bool { event.userState.user == user }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<WebData3> {
        let event = try WebData3(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension FeedChoice {
    /// A user's state as the venue's own pages show it.
    public static func webData3(user: Address) -> FeedChoice<WebData3Feed> {
        .feed(WebData3Feed(user: user))
    }
}

/// A user's state as the venue's own pages show it.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3: Hashable, Sendable {
    /// The account.
    public let userState: WebData3UserState
    /// The state on each dex, the main one first.
    public let perpDexStates: [WebData3DexState]

    /// Creates a user's state.
    public init(userState: WebData3UserState, perpDexStates: [WebData3DexState]) {
        self.userState = userState
        self.perpDexStates = perpDexStates
    }
}

extension WebData3: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var userState: WebData3UserState?
        var perpDexStates: [WebData3DexState]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "userState": userState = try WebData3UserState(from: &reader)
            case "perpDexStates":
                perpDexStates = try reader.readArray { (r) throws(DecodingFault) in try WebData3DexState(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.userState = try reader.require(userState, "userState", in: object)
        self.perpDexStates = try reader.require(perpDexStates, "perpDexStates", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("userState", userState)
        writer.field("perpDexStates", array: perpDexStates)
        writer.endObject()
    }
}

/// The account in a ``WebData3``.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3UserState: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The time of the message, by the venue's clock: milliseconds since 1970.
    public let serverTimeMilliseconds: Int64
    /// The agent that may trade for the user.
    public let agentAddress: Address?
    /// The time until which the agent may trade: milliseconds since 1970.
    public let agentValidUntilMilliseconds: Int64?
    /// The sum of all ledger updates, in USDC.
    public let cumulativeLedger: ExactDecimal
    /// Whether the account is a vault.
    public let isVault: Bool
    /// Whether small spot balances are left alone instead of being sold.
    public let optsOutOfSpotDusting: Bool?
    /// Whether all dexes share one balance.
    public let isDexAbstractionEnabled: Bool?
    /// The account mode: `unifiedAccount`, `portfolioMargin` or `disabled`; an open set.
    public let abstraction: String?

    /// Creates the state of an account.
    public init(
        user: Address, serverTimeMilliseconds: Int64, agentAddress: Address? = nil,
        agentValidUntilMilliseconds: Int64? = nil,
        cumulativeLedger: ExactDecimal, isVault: Bool, optsOutOfSpotDusting: Bool? = nil,
        isDexAbstractionEnabled: Bool? = nil, abstraction: String? = nil
    ) {
        self.user = user
        self.serverTimeMilliseconds = serverTimeMilliseconds
        self.agentAddress = agentAddress
        self.agentValidUntilMilliseconds = agentValidUntilMilliseconds
        self.cumulativeLedger = cumulativeLedger
        self.isVault = isVault
        self.optsOutOfSpotDusting = optsOutOfSpotDusting
        self.isDexAbstractionEnabled = isDexAbstractionEnabled
        self.abstraction = abstraction
    }
}

extension WebData3UserState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var serverTimeMilliseconds: Int64?
        var cumulativeLedger: ExactDecimal?
        var isVault: Bool?
        var agentAddress: Address?
        var agentValidUntilMilliseconds: Int64?
        var optsOutOfSpotDusting: Bool?
        var isDexAbstractionEnabled: Bool?
        var abstraction: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "serverTime": serverTimeMilliseconds = try reader.readInteger()
            case "agentAddress":
                agentAddress = try reader.readNullable { (r) throws(DecodingFault) in try r.readAddress() }
            case "agentValidUntil":
                agentValidUntilMilliseconds = try reader.readNullable { (r) throws(DecodingFault) in try r.readInteger()
                }
            case "cumLedger": cumulativeLedger = try reader.readDecimal()
            case "isVault": isVault = try reader.readBoolean()
            case "optOutOfSpotDusting":
                optsOutOfSpotDusting = try reader.readNullable { (r) throws(DecodingFault) in try r.readBoolean() }
            case "dexAbstractionEnabled":
                isDexAbstractionEnabled = try reader.readNullable { (r) throws(DecodingFault) in try r.readBoolean() }
            case "abstraction":
                abstraction = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.serverTimeMilliseconds = try reader.require(serverTimeMilliseconds, "serverTime", in: object)
        self.cumulativeLedger = try reader.require(cumulativeLedger, "cumLedger", in: object)
        self.isVault = try reader.require(isVault, "isVault", in: object)
        self.agentAddress = agentAddress
        self.agentValidUntilMilliseconds = agentValidUntilMilliseconds
        self.optsOutOfSpotDusting = optsOutOfSpotDusting
        self.isDexAbstractionEnabled = isDexAbstractionEnabled
        self.abstraction = abstraction
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("serverTime", serverTimeMilliseconds)
        writer.field(orNull: "agentAddress", agentAddress)
        writer.field(orNull: "agentValidUntil", agentValidUntilMilliseconds)
        writer.field("cumLedger", cumulativeLedger)
        writer.field("isVault", isVault)
        writer.field(ifPresent: "optOutOfSpotDusting", optsOutOfSpotDusting)
        writer.field(ifPresent: "dexAbstractionEnabled", isDexAbstractionEnabled)
        writer.field(ifPresent: "abstraction", abstraction)
        writer.endObject()
    }
}

/// One dex in a ``WebData3``.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3DexState: Hashable, Sendable {
    /// The user's equity in vaults, in USDC.
    public let totalVaultEquity: ExactDecimal
    /// The coins whose open interest has reached its cap.
    public let perpsAtOpenInterestCap: [Coin]?
    /// The vaults that the user leads.
    public let leadingVaults: [WebData3Vault]?

    /// Creates the state of a dex.
    public init(
        totalVaultEquity: ExactDecimal, perpsAtOpenInterestCap: [Coin]? = nil,
        leadingVaults: [WebData3Vault]? =
            nil
    ) {
        self.totalVaultEquity = totalVaultEquity
        self.perpsAtOpenInterestCap = perpsAtOpenInterestCap
        self.leadingVaults = leadingVaults
    }
}

extension WebData3DexState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var totalVaultEquity: ExactDecimal?
        var perpsAtOpenInterestCap: [Coin]?
        var leadingVaults: [WebData3Vault]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "totalVaultEquity": totalVaultEquity = try reader.readDecimal()
            case "perpsAtOpenInterestCap":
                perpsAtOpenInterestCap = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try r.readCoin() }
                }
            case "leadingVaults":
                leadingVaults = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try WebData3Vault(from: &r) }
                }
            default: try reader.skipUnknown()
            }
        }
        self.totalVaultEquity = try reader.require(totalVaultEquity, "totalVaultEquity", in: object)
        self.perpsAtOpenInterestCap = perpsAtOpenInterestCap
        self.leadingVaults = leadingVaults
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("totalVaultEquity", totalVaultEquity)
        writer.field(ifPresent: "perpsAtOpenInterestCap", perpsAtOpenInterestCap)
        writer.field(ifPresent: "leadingVaults", leadingVaults)
        writer.endObject()
    }
}

/// A vault that a user leads.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3Vault: Hashable, Sendable {
    /// The address of the vault.
    public let address: Address
    /// The name of the vault.
    public let name: String

    /// Creates a vault.
    public init(address: Address, name: String) {
        self.address = address
        self.name = name
    }
}

extension WebData3Vault: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var address: Address?
        var name: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "address": address = try reader.readAddress()
            case "name": name = try reader.readString()
            default: try reader.skipUnknown()
            }
        }
        self.address = try reader.require(address, "address", in: object)
        self.name = try reader.require(name, "name", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("address", address)
        writer.field("name", name)
        writer.endObject()
    }
}
