internal import HyperliquidWire

/// What has happened to an account.
struct AccountRows: Sendable {
    var fills = RowStore<Fill>()
    var orderUpdates = RowStore<OrderUpdate<BasicOrder>>()
    var history = RowStore<OrderUpdate<FrontendOrder>>()
    var events = RowStore<UserEvent>()
    var fundings = RowStore<Funding>()
    var ledger = RowStore<LedgerUpdate>()
    var twapSlices = RowStore<TwapSliceFill>()
    var twapHistory = RowStore<TwapRecord>()
    var notifications = RowStore<String>()
}
