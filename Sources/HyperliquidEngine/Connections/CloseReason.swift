/// The reason why a connection ended. It decides when the slot dials again and whether subscriptions are suspected.
package enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The venue sent a close frame. The code 1000 ("Expired" included) is routine if the connection was open for long.
    case closedByVenue(code: UInt16, reason: String)
    /// The connection broke without a close frame: a reset, an end of stream or an error on the socket.
    case broken(String)
    /// The connection never opened, for this reason; `httpStatus` is set if the venue refused the upgrade.
    case dialFailed(String, httpStatus: Int?)
    /// The venue broke the WebSocket protocol.
    case protocolViolation(String)
    /// The venue sent a message of more than `limit` bytes; `from` are the upstream subscriptions that it may belong to
    /// by its first bytes: none if they name another feed, `nil` if they do not tell.
    case messageTooLarge(limit: Int, from: [UpstreamID]?)
    /// The client closed the connection.
    case closedByUs

    /// Whether such a close is expected of a connection that was open for long.
    package var isRoutine: Bool {
        switch self {
        case .closedByVenue(let code, _): code == 1000
        case .closedByUs: true
        case .broken, .dialFailed, .protocolViolation, .messageTooLarge: false
        }
    }

    package var description: String {
        switch self {
        case .closedByVenue(let code, let reason): "closed by the venue: \(code) \(VenueText.shown(reason))"
        case .broken(let why): "broken: \(why)"
        case .dialFailed(let why, _): "dial failed: \(why)"
        case .protocolViolation(let what): "protocol violation: \(what)"
        case .messageTooLarge(let limit, _): "a message has more than \(limit) bytes"
        case .closedByUs: "closed by us"
        }
    }
}
