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
        case .linkLost(let link, let lane, let reason, let wait):
            logger.notice(
                "Connection ended",
                metadata: [
                    "link": "\(link.rawValue)", "lane": "\(lane.rawValue)", "reason": "\(reason)",
                    "retry_ms": "\(wait.milliseconds)",
                ])
        case .silent(let link):
            logger.warning("Connection is silent and given up", metadata: ["link": "\(link.rawValue)"])
        case .suspected(let request):
            logger.notice("Connection died when a feed was asked for", metadata: ["feed": "\(request)"])
        case .quarantined(let request):
            logger.error("Feed closes its connection and is refused", metadata: ["feed": "\(request)"])
        case .unansweredRequest(let link, let kind, let request):
            logger.warning(
                "Request is unanswered",
                metadata: ["link": "\(link.rawValue)", "request": "\(kind.rawValue)", "feed": "\(request)"])
        case .unattributedError(let link, let text):
            logger.warning("Error of the venue", metadata: ["link": "\(link.rawValue)", "text": "\(text)"])
        case .limitRefusal(let link, let text):
            logger.warning("Limit of the venue", metadata: ["link": "\(link.rawValue)", "text": "\(text)"])
        }
    }

    func gap(_ request: FeedRequest, _ reason: Gap.Reason) {
        logger.info("Gap", metadata: ["feed": "\(request)", "reason": "\(reason.rawValue)"])
    }
}
