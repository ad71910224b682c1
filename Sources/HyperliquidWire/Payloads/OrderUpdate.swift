/// One change of an order.
///
/// Source: docs/protocol.md, "orderUpdates" and "userHistoricalOrders".
public struct OrderUpdate<Order: OrderIdentity>: Hashable, Sendable {
    /// The order as it is now.
    public let order: Order
    /// Its state.
    public let status: OrderStatus
    /// When it came to that state, by the venue's clock: milliseconds since 1970.
    public let statusTimeMilliseconds: Int64

    /// Puts the fields together.
    public init(order: Order, status: OrderStatus, statusTimeMilliseconds: Int64) {
        self.order = order
        self.status = status
        self.statusTimeMilliseconds = statusTimeMilliseconds
    }

    var key: OrderKey {
        OrderKey(orderID: order.orderID, status: status, statusTimeMilliseconds: statusTimeMilliseconds)
    }
}

/// What every form of an order has.
public protocol OrderIdentity: JSONWritable, Hashable, Sendable {
    /// The order's id.
    var orderID: Int64 { get }
}

/// What tells one change of an order from another.
public struct OrderKey: ReplayKey {
    let orderID: Int64
    let status: OrderStatus
    let statusTimeMilliseconds: Int64
}

extension OrderUpdate {
    fileprivate init(
        from reader: inout MessageReader, order readOrder: (inout MessageReader) throws(DecodingFault) -> Order
    ) throws(DecodingFault) {
        var order: Order?
        var status: OrderStatus?
        var statusTimeMilliseconds: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "order": order = try readOrder(&reader)
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

extension OrderUpdate<BasicOrder> {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        try self.init(from: &reader) { (reader) throws(DecodingFault) in try BasicOrder(from: &reader) }
    }
}

extension OrderUpdate<FrontendOrder> {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        try self.init(from: &reader) { (reader) throws(DecodingFault) in try FrontendOrder(from: &reader) }
    }
}

extension OrderUpdate: JSONWritable, UserRow {
    /// `orderHistory`
    public static var listName: String { "orderHistory" }

    /// Writes the change by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("order", order)
        writer.field("status", status)
        writer.field("statusTimestamp", statusTimeMilliseconds)
        writer.endObject()
    }
}
