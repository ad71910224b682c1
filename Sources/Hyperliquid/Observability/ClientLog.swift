internal import HyperliquidEngine
internal import Logging

/// Writes every line that the client logs, with its level and its metadata.
///
/// A warning that may come again and again is written at most once a minute for each of its subjects. The metadata key
/// `repeated` is the number of those in between; `connection` is the number of one connection from dial to close; `slot`
/// is the number under which ``ConnectionInfo`` shows the connections that follow each other.
struct ClientLog {
    private let logger: Logger
    private var repetitions = Repetitions()

    init(logger: Logger) {
        self.logger = logger
    }

    mutating func write(_ event: ClientEvent, at now: Instant) {
        switch event {
        case .dialling, .requestSent, .subscriptionConfirmed: writeStep(event)
        case .connectionOpened(let connection, let address):
            logger.info(
                "Connection opened", metadata: ["connection": "\(connection.rawValue)", "address": "\(address)"])
        case .connectionClosed: break  // `connectionLost` says more.
        case .connectionLost(let connection, let slot, .closedByUs, _):
            logger.info(
                "Connection closed", metadata: ["connection": "\(connection.rawValue)", "slot": "\(slot.rawValue)"])
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
            logger.warning("Feed stays silent, also on another connection", metadata: metadata(connection, request))
        case .feedTicksAgain(let connection, let request):
            logger.notice("Feed is no longer silent", metadata: metadata(connection, request))
        case .feedSuspected(let request):
            logger.notice("Connection died when a feed was asked for", metadata: ["feed": "\(request)"])
        case .feedQuarantined(let request):
            logger.error("Feed closes its connection and is refused", metadata: ["feed": "\(request)"])
        case .requestUnanswered(let connection, let kind, let request):
            warn(
                "Request is unanswered", about: "\(kind.rawValue) \(request)", at: now,
                ["connection": "\(connection.rawValue)", "request": "\(kind.rawValue)", "feed": "\(request)"])
        case .venueError(let connection, let text):
            warn(
                "Error of the venue", about: text, at: now,
                ["connection": "\(connection.rawValue)", "text": "\(text)"])
        case .limitRefusal(let connection, let text):
            warn(
                "Limit of the venue", about: text, at: now,
                ["connection": "\(connection.rawValue)", "text": "\(text)"])
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
            logger.notice("Venue spells the coin of a feed otherwise", metadata: metadata(connection, request))
        case .bufferOverflowed(let id, let request):
            logger.warning(
                "Subscriber is too slow and is ended", metadata: ["subscription": "\(id)", "feed": "\(request)"])
        case .callbackBlocked(let id, let request, let duration):
            warn(
                "Callback held up the client's loop", about: "\(id)", at: now,
                ["subscription": "\(id)", "feed": "\(request)", "ms": "\(duration.milliseconds)"])
        case .listingsUnknown(let error):
            warn("Listings are not known", about: "\(error.code)", at: now, ["error": "\(error)"])
        case .subscriptionFailed(let id, let error):
            logger.notice("Subscription ended", metadata: ["subscription": "\(id)", "error": "\(error)"])
        }
    }

    /// Writes a step that needs nobody's attention.
    private func writeStep(_ event: ClientEvent) {
        switch event {
        case .dialling(let connection, let address):
            logger.debug("Dialling", metadata: ["connection": "\(connection.rawValue)", "address": "\(address)"])
        case .requestSent(let connection, let kind, let request):
            logger.debug(
                "Request sent",
                metadata: [
                    "connection": "\(connection.rawValue)", "request": "\(kind.rawValue)", "feed": "\(request)",
                ])
        case .subscriptionConfirmed(let id, let request):
            logger.debug("Subscription acknowledged", metadata: ["subscription": "\(id)", "feed": "\(request)"])
        default: break
        }
    }

    /// Writes a warning unless the same was written about the same subject within the last minute.
    private mutating func warn(
        _ message: Logger.Message, about subject: String, at now: Instant, _ metadata: Logger.Metadata
    ) {
        guard let count = repetitions.count(of: "\(message) \(subject)", at: now) else { return }
        let repeated: Logger.Metadata = count > 0 ? ["repeated": "\(count)"] : [:]
        logger.warning(message, metadata: metadata.merging(repeated) { one, _ in one })
    }

    private func metadata(_ connection: ConnectionID, _ request: FeedRequest) -> Logger.Metadata {
        ["connection": "\(connection.rawValue)", "feed": "\(request)"]
    }
}

/// Counts warnings that come again within a minute, so that each is written once.
package struct Repetitions {
    /// The time for which a warning is not written again.
    package static let pause: Duration = .seconds(60)
    /// The number of different warnings that are remembered; a venue that makes up texts must not fill the memory.
    package static let limit = 256

    private var warnings: [String: (nextTime: Instant, count: Int)] = [:]

    package init() {}

    /// Counts a warning; returns `nil` if it is not to be written, and otherwise the number of those that were not written
    /// since the last one.
    package mutating func count(of warning: String, at now: Instant) -> Int? {
        if let known = warnings[warning], known.nextTime > now {
            warnings[warning]?.count += 1
            return nil
        }
        if warnings.count >= Self.limit { warnings = warnings.filter { $0.value.nextTime > now } }
        if warnings.count >= Self.limit { warnings = [:] }
        let count = warnings[warning]?.count ?? 0
        warnings[warning] = (now.advanced(by: Self.pause), 0)
        return count
    }
}
