package import HyperliquidWire

/// Names one connection to the exchange. Never used twice.
package struct ExchangeConnectionID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (lhs: ExchangeConnectionID, rhs: ExchangeConnectionID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Tells a subscription from every other one, an earlier one of the same connection and identity included.
package struct SubscriptionNumber: Hashable, Sendable {
    package let rawValue: UInt64
}

extension Exchange {
    package enum Input: Hashable, Sendable {
        /// An admitted connection is open.
        case opened(ExchangeConnectionID, EndpointKind)
        /// A text message arrived.
        case text(ExchangeConnectionID, [UInt8])
        /// The client closed, or the connection broke.
        case closed(ExchangeConnectionID)
        /// Something goes wrong now.
        case fault(FaultAction)
        /// The deadline has come, perhaps.
        case woke
    }

    package enum Effect: Hashable, Sendable {
        /// Send; `of` is the subscription that it belongs to, which no client is told.
        case send(ExchangeConnectionID, [UInt8], of: SubscriptionNumber?)
        /// Close in order.
        case close(ExchangeConnectionID, code: UInt16, reason: String)
        /// Drop without a Close frame.
        case drop(ExchangeConnectionID)
    }

    /// What becomes of a client that asks for a WebSocket.
    package enum Admission: Hashable, Sendable {
        case accept
        case refuse(status: Int)
        case stall
    }
}
