internal import HyperliquidEngine
internal import Logging

/// Writes every line that the client logs, with its level and its metadata.
///
/// The metadata key `connection` is the number of one connection from dial to close; `slot` is the number under which
/// ``ConnectionInfo`` shows the connections that follow each other.
struct ClientLog {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func write(_ event: ClientEvent) {
        switch event {
        case .connectionOpened(let connection, let address):
            logger.info(
                "Connection opened", metadata: ["connection": "\(connection.rawValue)", "address": "\(address)"])
        case .connectionClosed: break  // `connectionLost` says more.
        case .connectionLost(let connection, let slot, let reason, let wait):
            logger.notice(
                "Connection ended",
                metadata: [
                    "connection": "\(connection.rawValue)", "slot": "\(slot.rawValue)", "reason": "\(reason)",
                    "retry_ms": "\(wait.milliseconds)",
                ])
        case .connectionSilent(let connection):
            logger.warning("Connection is silent and given up", metadata: ["connection": "\(connection.rawValue)"])
        case .feedStale(let connection, let request):
            logger.notice("Feed fell silent", metadata: metadata(connection, request))
        case .feedStaysSilent(let connection, let request):
            logger.warning(
                "Feed stays silent, also on another connection",
                metadata: metadata(connection, request))
        case .feedTicksAgain(let connection, let request):
            logger.notice(
                "Feed is no longer silent", metadata: metadata(connection, request))
        case .feedSuspected(let request):
            logger.notice("Connection died when a feed was asked for", metadata: ["feed": "\(request)"])
        case .feedQuarantined(let request):
            logger.error("Feed closes its connection and is refused", metadata: ["feed": "\(request)"])
        case .requestUnanswered(let connection, let kind, let request):
            logger.warning(
                "Request is unanswered",
                metadata: ["connection": "\(connection.rawValue)", "request": "\(kind.rawValue)", "feed": "\(request)"])
        case .venueError(let connection, let text):
            logger.warning("Error of the venue", metadata: ["connection": "\(connection.rawValue)", "text": "\(text)"])
        case .limitRefusal(let connection, let text):
            logger.warning("Limit of the venue", metadata: ["connection": "\(connection.rawValue)", "text": "\(text)"])
        case .gapAnnounced(let request, let reason):
            logger.info("Gap", metadata: ["feed": "\(request)", "reason": "\(reason.rawValue)"])
        case .messageUndecodable(let request, let fault, let count):
            // If the venue has changed a format, there are many such messages. So one line is logged for each doubling
            // of the count.
            guard count & (count - 1) == 0 else { return }
            logger.warning(
                "Message cannot be decoded", metadata: ["feed": "\(request)", "fault": "\(fault)", "count": "\(count)"])
        case .messageUnrouted(let connection, let channel, let silent):
            var metadata: Logger.Metadata = ["connection": "\(connection.rawValue)", "channel": "\(channel)"]
            guard let silent else { return logger.info("Messages belong to no subscription", metadata: metadata) }
            metadata["silent"] = "\(silent)"
            logger.warning("Messages belong to no subscription, and one has had none", metadata: metadata)
        case .spellingAdopted(let connection, let request):
            logger.notice(
                "Venue spells the coin of a feed otherwise",
                metadata: metadata(connection, request))
        case .bufferOverflowed(let id, let request):
            logger.warning(
                "Subscriber is too slow and is ended", metadata: ["subscription": "\(id)", "feed": "\(request)"])
        case .callbackBlocked(let id, let request, let duration):
            logger.warning(
                "Callback held up the client's loop",
                metadata: ["subscription": "\(id)", "feed": "\(request)", "ms": "\(duration.milliseconds)"])
        case .subscriptionFailed(let id, let error):
            logger.notice("Subscription ended", metadata: ["subscription": "\(id)", "error": "\(error)"])
        }
    }

    private func metadata(_ connection: ConnectionID, _ request: FeedRequest) -> Logger.Metadata {
        ["connection": "\(connection.rawValue)", "feed": "\(request)"]
    }
}
