import Hyperliquid
import Logging

/// Collects a client's log lines.
final class LogInbox: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    let lines = Inbox<Line>()

    /// A client configuration that logs to this inbox.
    var configuration: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.logger = Logger(label: "test") { [lines] _ in Handler(lines: lines) }
        return configuration
    }

    private struct Handler: LogHandler {
        let lines: Inbox<Line>
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).mapValues { "\($0)" }
            lines.put(Line(level: event.level, message: "\(event.message)", metadata: metadata))
        }
    }
}
