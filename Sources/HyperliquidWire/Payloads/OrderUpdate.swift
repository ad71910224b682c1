/// One change of an order.
///
/// Source: docs/protocol.md, "orderUpdates" and "userHistoricalOrders".
public struct OrderUpdate<Order: OrderIdentity>: Hashable, Sendable {
    /// The order after the change.
    public let order: Order
    /// The status of the order.
    public let status: OrderStatus
    /// The time at which it reached that status, by the venue's clock: milliseconds since 1970.
    public let statusTimeMilliseconds: Int64

    /// Creates an order update.
    public init(order: Order, status: OrderStatus, statusTimeMilliseconds: Int64) {
        self.order = order
        self.status = status
        self.statusTimeMilliseconds = statusTimeMilliseconds
    }

    /// The key of this change.
    public var rowKey: OrderKey {
        OrderKey(orderID: order.orderID, status: status, statusTimeMilliseconds: statusTimeMilliseconds)
    }
}

/// An order in any of the forms in which the venue sends one.
public protocol OrderIdentity: VenueValue {
    /// The order's id.
    var orderID: Int64 { get }
    /// Reads an order, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    init(from reader: inout MessageReader) throws(DecodingFault)
}

/// Distinguishes one change of an order from another.
public struct OrderKey: ReplayKey {
    let orderID: Int64
    let status: OrderStatus
    let statusTimeMilliseconds: Int64
}

extension OrderUpdate {
    /// Reads a change, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var order: Order?
        var status: OrderStatus?
        var statusTimeMilliseconds: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "order": order = try Order(from: &reader)
            case "status": status = try reader.readWord()
            case "statusTimestamp": statusTimeMilliseconds = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.order = try reader.require(order, "order", in: object)
        self.status = try reader.require(status, "status", in: object)
        self.statusTimeMilliseconds = try reader.require(statusTimeMilliseconds, "statusTimestamp", in: object)
    }
}

extension OrderUpdate: UserRow {
    /// `orderHistory`
    public static var listName: String { "orderHistory" }

    /// The time of the change, by the venue's clock: milliseconds since 1970.
    public var rowTimeMilliseconds: Int64 { statusTimeMilliseconds }

    /// Writes the change with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("order", order)
        writer.field("status", status)
        writer.field("statusTimestamp", statusTimeMilliseconds)
        writer.endObject()
    }
}

/// The status of an order, in the venue's words.
///
/// Source: docs/protocol.md, "OrderStatus".
public struct OrderStatus: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Creates a value from any word of the venue.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The order rests in the book, or waits for its trigger.
    public static let open = OrderStatus(rawValue: "open")
    /// The trigger price was reached.
    public static let triggered = OrderStatus(rawValue: "triggered")
    /// The order is filled completely.
    public static let filled = OrderStatus(rawValue: "filled")
    /// The user cancelled the order.
    public static let canceled = OrderStatus(rawValue: "canceled")
    /// The venue rejected the order.
    public static let rejected = OrderStatus(rawValue: "rejected")

    /// Whether the order can still be filled. An unknown word counts as ended if it ends in `Canceled`, `Cancel` or
    /// `Rejected`, and as live otherwise (docs/protocol.md, "OrderStatus").
    public var isLive: Bool {
        let ended = rawValue == "filled" || rawValue == "canceled" || rawValue == "rejected"
        return !ended && !["Canceled", "Cancel", "Rejected"].contains { rawValue.hasSuffix($0) }
    }

    /// The 33 words that this version of the package knows.
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
