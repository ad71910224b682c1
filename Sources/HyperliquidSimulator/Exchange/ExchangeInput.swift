package import HyperliquidWire

extension Exchange {
    /// Identifies a client's connection to the exchange. Never reused.
    package struct ConnectionID: Hashable, Comparable, Sendable {
        package let rawValue: UInt64

        package init(_ rawValue: UInt64) { self.rawValue = rawValue }

        package static func < (lhs: ConnectionID, rhs: ConnectionID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// A fact that the exchange is told.
    package enum Input: Hashable, Sendable {
        /// A connection that was admitted is open.
        case opened(ConnectionID, EndpointKind)
        /// A text message arrived.
        case text(ConnectionID, [UInt8])
        /// The client closed the connection, or the connection broke.
        case closed(ConnectionID)
        /// A fault happens now.
        case fault(FaultAction)
        /// A message that is sent to the subscribers of a feed, beside what the market makes.
        case published(FeedRequest, [UInt8])
        /// The timer fired; it may be stale.
        case woke
    }

    /// A command that the exchange gives.
    package enum Effect: Hashable, Sendable {
        /// Send a text message. `of` is the subscription that the message belongs to; clients are not told. Of several
        /// messages in one text, at most the last one belongs to a subscription, and `of` is that one's.
        case send(ConnectionID, [UInt8], of: SubscriptionNumber?)
        /// Close with a Close frame.
        case close(ConnectionID, code: UInt16, reason: String)
        /// Drop the connection without a Close frame.
        case drop(ConnectionID)
    }

    /// The answer to a client that asks for a WebSocket upgrade.
    package enum Admission: Hashable, Sendable {
        case accept
        case refuse(status: Int)
        /// Never answer.
        case stall
    }

    /// The exchange's decision on a subscription request, without regard to limits.
    package enum Verdict: Hashable, Sendable {
        case served
        /// The request kills its connection.
        case poison
        /// The request is refused with an error message.
        case refused
        /// The request is not answered.
        case ignored
    }
}

/// Distinguishes a subscription from every other one, including an earlier one of the same identity on the same
/// connection.
package struct SubscriptionNumber: Hashable, Sendable {
    package let rawValue: UInt64
}
