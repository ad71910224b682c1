internal import HyperliquidEngine
internal import Logging

/// Every line the client logs, with its level and its metadata keys.
struct ClientLog {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func write(_ note: Engine.Note) {
        switch note {
        case .connectionLost(let connection, let slot, let reason, let wait):
            logger.notice(
                "Connection ended",
                metadata: [
                    "connection": "\(connection.rawValue)", "slot": "\(slot.rawValue)", "reason": "\(reason)",
                    "retry_ms": "\(wait.milliseconds)",
                ])
        case .silent(let connection):
            logger.warning("Connection is silent and given up", metadata: ["connection": "\(connection.rawValue)"])
        case .suspected(let request):
            logger.notice("Connection died when a feed was asked for", metadata: ["feed": "\(request)"])
        case .quarantined(let request):
            logger.error("Feed closes its connection and is refused", metadata: ["feed": "\(request)"])
        case .unansweredRequest(let connection, let kind, let request):
            logger.warning(
                "Request is unanswered",
                metadata: ["connection": "\(connection.rawValue)", "request": "\(kind.rawValue)", "feed": "\(request)"])
        case .unattributedError(let connection, let text):
            logger.warning("Error of the venue", metadata: ["connection": "\(connection.rawValue)", "text": "\(text)"])
        case .limitRefusal(let connection, let text):
            logger.warning("Limit of the venue", metadata: ["connection": "\(connection.rawValue)", "text": "\(text)"])
        case .stale(let connection, let request):
            logger.notice("Feed fell silent", metadata: ["connection": "\(connection.rawValue)", "feed": "\(request)"])
        }
    }

    func write(_ notice: ClientEvent) {
        switch notice {
        case .opened(let connection, let address):
            logger.info(
                "Connection opened", metadata: ["connection": "\(connection.rawValue)", "address": "\(address)"])
        case .closed: break  // The engine's note says more.
        case .gap(let request, let reason):
            logger.info("Gap", metadata: ["feed": "\(request)", "reason": "\(reason.rawValue)"])
        case .undecodable(let request, let fault, let count):
            // A venue that changed a format sends many: each doubling of the count is worth a line.
            guard count & (count - 1) == 0 else { return }
            logger.warning(
                "Message cannot be read", metadata: ["feed": "\(request)", "fault": "\(fault)", "count": "\(count)"])
        case .overflow(let id, let request):
            logger.warning(
                "Subscriber is too slow and is ended", metadata: ["subscription": "\(id)", "feed": "\(request)"])
        case .slowCall(let id, let request, let duration):
            logger.warning(
                "Callback held up the client's loop",
                metadata: ["subscription": "\(id)", "feed": "\(request)", "ms": "\(duration.milliseconds)"])
        case .failed(let id, let error):
            logger.notice("Subscription ended", metadata: ["subscription": "\(id)", "error": "\(error)"])
        }
    }
}
