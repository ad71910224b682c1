/// A user's deposits, withdrawals and transfers.
///
/// The first message is a marked snapshot. Rows that a later message repeats are not delivered again.
public struct LedgerUpdatesFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = LedgerUpdate

    /// The user.
    public let user: Address

    /// Creates the feed of a user.
    public init(user: Address) {
        self.user = user
    }

    /// `userNonFundingLedgerUpdates`.
    public static var typeName: String { "userNonFundingLedgerUpdates" }
    /// What the feed delivers.
    public static var summary: String { "a user's deposits, withdrawals and transfers" }
    /// `.low`.
    public static var priority: FeedPriority { .low }
}

extension FeedChoice {
    /// A user's deposits, withdrawals and transfers.
    public static func userNonFundingLedgerUpdates(user: Address) -> FeedChoice<LedgerUpdatesFeed> {
        .feed(LedgerUpdatesFeed(user: user))
    }
}

/// A change of an account other than by trades and funding: a deposit, a withdrawal, a transfer, …
///
/// Source: docs/protocol.md, "userNonFundingLedgerUpdates".
public struct LedgerUpdate: ReplayKey {
    /// The time of the change, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The hash of the transaction.
    public let hash: TransactionHash
    /// The change.
    public let delta: LedgerDelta

    /// Creates a ledger update.
    public init(timeMilliseconds: Int64, hash: TransactionHash, delta: LedgerDelta) {
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
        self.delta = delta
    }
}

extension LedgerUpdate: UserRow {
    /// `nonFundingLedgerUpdates`
    public static var listName: String { "nonFundingLedgerUpdates" }

    /// The whole update, because no part of it alone distinguishes it from others.
    public var rowKey: LedgerUpdate { self }
    /// The time of the update, by the venue's clock: milliseconds since 1970.
    public var rowTimeMilliseconds: Int64 { timeMilliseconds }

    /// Reads an update, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// Writes the update with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", timeMilliseconds)
        writer.field("hash", hash)
        writer.field("delta", delta)
        writer.endObject()
    }
}

/// The kind of a change of an account, in the venue's words.
public struct LedgerUpdateKind: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Creates a value from any word of the venue.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// USDC came in over the bridge. Fields: `usdc`.
    public static let deposit = LedgerUpdateKind(rawValue: "deposit")
    /// USDC went out over the bridge. Fields: `usdc`, `nonce`, `fee`.
    public static let withdraw = LedgerUpdateKind(rawValue: "withdraw")
    /// USDC went to another account. Fields: `usdc`, `user`, `destination`, `fee`.
    public static let internalTransfer = LedgerUpdateKind(rawValue: "internalTransfer")
    /// USDC went to or from a sub-account. Fields: `usdc`, `user`, `destination`.
    public static let subAccountTransfer = LedgerUpdateKind(rawValue: "subAccountTransfer")
    /// USDC went between spot and perpetuals. Fields: `usdc`, `toPerp`.
    public static let accountClassTransfer = LedgerUpdateKind(rawValue: "accountClassTransfer")
    /// A token went to another account. Fields: `token`, `amount`, `usdcValue`, `user`, `destination`, `fee`, …
    public static let spotTransfer = LedgerUpdateKind(rawValue: "spotTransfer")
    /// A token went to another account or dex. Fields: those of `spotTransfer`, `sourceDex`, `destinationDex`.
    public static let send = LedgerUpdateKind(rawValue: "send")
    /// Positions were liquidated. Fields: `liquidatedNtlPos`, `accountValue`, `leverageType`, `liquidatedPositions`.
    public static let liquidation = LedgerUpdateKind(rawValue: "liquidation")
    /// A vault paid out. Fields: `vault`, `user`, `requestedUsd`, `commission`, `closingCost`, `basis`,
    /// `netWithdrawnUsd`.
    public static let vaultWithdraw = LedgerUpdateKind(rawValue: "vaultWithdraw")
    /// Rewards were claimed. Fields: `amount`, `token`.
    public static let rewardsClaim = LedgerUpdateKind(rawValue: "rewardsClaim")

    /// The kinds that this version of the package knows (docs/protocol.md, "userNonFundingLedgerUpdates").
    public static let known: Set<String> = [
        "deposit", "withdraw", "internalTransfer", "subAccountTransfer", "accountClassTransfer", "spotTransfer", "send",
        "liquidation", "vaultCreate", "vaultDeposit", "vaultDistribution", "vaultWithdraw", "vaultLeaderCommission",
        "rewardsClaim", "spotGenesis", "deployGasAuction", "cStakingTransfer", "borrowLend", "activateDexAbstraction",
    ]
}
