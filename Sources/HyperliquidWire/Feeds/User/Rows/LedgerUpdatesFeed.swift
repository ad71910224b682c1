/// A user's deposits, withdrawals and transfers.
///
/// The first message is a marked snapshot; what a later one repeats is not delivered twice.
public struct LedgerUpdatesFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userNonFundingLedgerUpdates`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userNonFundingLedgerUpdates", parameters: [.user],
            summary: "a user's deposits, withdrawals and transfers",
            example: LedgerUpdatesFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userNonFundingLedgerUpdates", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userNonFundingLedgerUpdates", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<LedgerUpdate>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<LedgerUpdate>
    ) throws(DecodingFault) -> Decoded<UserRows<LedgerUpdate>> {
        try UserRows<LedgerUpdate>.decode(
            &reader, memory: &memory, key: { $0 }, time: \.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try LedgerUpdate(from: &reader) }
    }
}

extension Feed where Self == LedgerUpdatesFeed {
    /// A user's deposits, withdrawals and transfers.
    public static func userNonFundingLedgerUpdates(user: Address) -> LedgerUpdatesFeed {
        LedgerUpdatesFeed(user: user)
    }
}

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

/// What kind of change an account saw, in the venue's words.
public struct LedgerUpdateKind: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Takes any word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// USDC came in over the bridge: `usdc`.
    public static let deposit = LedgerUpdateKind(rawValue: "deposit")
    /// USDC went out over the bridge: `usdc`, `nonce`, `fee`.
    public static let withdraw = LedgerUpdateKind(rawValue: "withdraw")
    /// USDC went to another account: `usdc`, `user`, `destination`, `fee`.
    public static let internalTransfer = LedgerUpdateKind(rawValue: "internalTransfer")
    /// USDC went to or from a sub-account: `usdc`, `user`, `destination`.
    public static let subAccountTransfer = LedgerUpdateKind(rawValue: "subAccountTransfer")
    /// USDC went between spot and perpetuals: `usdc`, `toPerp`.
    public static let accountClassTransfer = LedgerUpdateKind(rawValue: "accountClassTransfer")
    /// A token went to another account: `token`, `amount`, `usdcValue`, `user`, `destination`, `fee`, …
    public static let spotTransfer = LedgerUpdateKind(rawValue: "spotTransfer")
    /// A token went to another account or dex: as `spotTransfer`, and `sourceDex`, `destinationDex`.
    public static let send = LedgerUpdateKind(rawValue: "send")
    /// Positions were liquidated: `liquidatedNtlPos`, `accountValue`, `leverageType`, `liquidatedPositions`.
    public static let liquidation = LedgerUpdateKind(rawValue: "liquidation")
    /// A vault paid out: `vault`, `user`, `requestedUsd`, `commission`, `closingCost`, `basis`, `netWithdrawnUsd`.
    public static let vaultWithdraw = LedgerUpdateKind(rawValue: "vaultWithdraw")
    /// Rewards were claimed: `amount`, `token`.
    public static let rewardsClaim = LedgerUpdateKind(rawValue: "rewardsClaim")

    /// The kinds known when this version was made (docs/protocol.md, "userNonFundingLedgerUpdates").
    public static let known: Set<String> = [
        "deposit", "withdraw", "internalTransfer", "subAccountTransfer", "accountClassTransfer", "spotTransfer", "send",
        "liquidation", "vaultCreate", "vaultDeposit", "vaultDistribution", "vaultWithdraw", "vaultLeaderCommission",
        "rewardsClaim", "spotGenesis", "deployGasAuction", "cStakingTransfer", "borrowLend", "activateDexAbstraction",
    ]
}
