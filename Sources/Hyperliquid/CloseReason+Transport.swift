internal import HyperliquidEngine
internal import WebSocketTransport

extension CloseReason {
    /// What the end of a connection means to the engine.
    init(_ close: TransportClose) {
        switch close {
        case .byPeer(let code, let reason): self = .closedByVenue(code: code ?? 1005, reason: reason)
        case .byUs: self = .closedByUs
        case .lost(let why): self = .broken(why)
        case .violation(let what): self = .protocolViolation(what)
        case .failed(let error): self = .dialFailed(error.message, httpStatus: error.httpStatus)
        }
    }
}
