/// The reason why a connection ended. It decides when the slot dials again and whether subscriptions are suspected.
package enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The venue sent a close frame. The codes 1000 and 1001 ("Expired" included) are routine: the slot dials again
    /// soon.
    case closedByVenue(code: UInt16, reason: String)
    /// The connection broke without a close frame: a reset, an end of stream or an error on the socket.
    case broken(String)
    /// The connection never opened, for this reason; `httpStatus` is set if the venue refused the upgrade.
    case dialFailed(String, httpStatus: Int?)
    /// The venue broke the WebSocket protocol.
    case protocolViolation(String)
    /// The client closed the connection.
    case closedByUs

    /// Whether the close is no failure, so that the backoff does not grow.
    package var isRoutine: Bool {
        switch self {
        case .closedByVenue(let code, _): code == 1000 || code == 1001
        case .closedByUs: true
        case .broken, .dialFailed, .protocolViolation: false
        }
    }

    /// Whether a poisonous subscription may be the cause: such a connection breaks without a close frame.
    package var isAbnormal: Bool {
        if case .broken = self { return true }
        return false
    }

    package var description: String {
        switch self {
        case .closedByVenue(let code, let reason): "closed by the venue: \(code) \(VenueText.shown(reason))"
        case .broken(let why): "broken: \(why)"
        case .dialFailed(let why, _): "dial failed: \(why)"
        case .protocolViolation(let what): "protocol violation: \(what)"
        case .closedByUs: "closed by us"
        }
    }
}
