/// An order's state, in the venue's words.
///
/// Source: docs/protocol.md, "OrderStatus".
public struct OrderStatus: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Takes any word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Resting in the book, or waiting for its trigger.
    public static let open = OrderStatus(rawValue: "open")
    /// Its trigger was met.
    public static let triggered = OrderStatus(rawValue: "triggered")
    /// Filled in full.
    public static let filled = OrderStatus(rawValue: "filled")
    /// Cancelled by the user.
    public static let canceled = OrderStatus(rawValue: "canceled")
    /// Refused on entry.
    public static let rejected = OrderStatus(rawValue: "rejected")

    /// Whether the order can still be filled. A word that is not known counts as ended when it ends in `Canceled`,
    /// `Cancel` or `Rejected`, else as live (docs/protocol.md, "OrderStatus").
    public var isLive: Bool {
        let ended = rawValue == "filled" || rawValue == "canceled" || rawValue == "rejected"
        return !ended && !["Canceled", "Cancel", "Rejected"].contains { rawValue.hasSuffix($0) }
    }

    /// The 33 words known when this version was made.
    public static let known: Set<String> = [
        "open", "triggered", "filled", "canceled", "rejected", "marginCanceled", "vaultWithdrawalCanceled",
        "openInterestCapCanceled", "selfTradeCanceled", "reduceOnlyCanceled", "siblingFilledCanceled",
        "delistedCanceled", "liquidatedCanceled", "outcomeSettledCanceled", "scheduledCancel", "internalCancel",
        "tickRejected", "minTradeNtlRejected", "perpMarginRejected", "reduceOnlyRejected", "badAloPxRejected",
        "iocCancelRejected", "badTriggerPxRejected", "marketOrderNoLiquidityRejected",
        "positionIncreaseAtOpenInterestCapRejected", "positionFlipAtOpenInterestCapRejected",
        "tooAggressiveAtOpenInterestCapRejected", "openInterestIncreaseRejected", "insufficientSpotBalanceRejected",
        "oracleRejected", "perpMaxPositionRejected", "tooManyOpenOrdersRejected", "minTradeSpotNtlRejected",
    ]
}
