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
