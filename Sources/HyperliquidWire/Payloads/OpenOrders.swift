/// All open orders of a user on a dex.
///
/// Source: docs/protocol.md, "openOrders".
public struct OpenOrders: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The orders.
    public let orders: [FrontendOrder]

    /// Puts the fields together.
    public init(
        dex: String, user: Address, orders: [FrontendOrder]
    ) {
        self.dex = dex
        self.user = user
        self.orders = orders
    }
}

extension OpenOrders: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var orders: [FrontendOrder]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "orders": orders = try reader.readArray { (r) throws(DecodingFault) in try FrontendOrder(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.orders = try reader.require(orders, "orders", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("orders", array: orders)
        writer.endObject()
    }
}
