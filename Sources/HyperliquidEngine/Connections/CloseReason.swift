/// The reason why a connection ended, as far as it matters for what follows.
package enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The venue closed in order (code 1000 or 1001, "Expired" included): routine, dialled again at once.
    case closedByVenue(code: UInt16, reason: String)
    /// The connection broke without a close: reset, end of stream, an error on the socket.
    case broken(String)
    /// It never opened: why not; the status if the venue refused the upgrade.
    case dialFailed(String, httpStatus: Int?)
    /// The venue broke the WebSocket protocol.
    case protocolViolation(String)
    /// We closed it.
    case closedByUs

    package var isRoutine: Bool {
        switch self {
        case .closedByVenue(let code, _): code == 1000 || code == 1001
        case .closedByUs: true
        case .broken, .dialFailed, .protocolViolation: false
        }
    }

    /// Whether it died as a connection dies that a poisonous subscription killed: without a close.
    package var isAbnormal: Bool {
        if case .broken = self { return true }
        return false
    }

    package var description: String {
        switch self {
        case .closedByVenue(let code, let reason): "closed by the venue: \(code) \(reason)"
        case .broken(let why): "broken: \(why)"
        case .dialFailed(let why, _): "dial failed: \(why)"
        case .protocolViolation(let what): "protocol violation: \(what)"
        case .closedByUs: "closed by us"
        }
    }
}
