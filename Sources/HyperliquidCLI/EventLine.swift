internal import Hyperliquid

/// One line of output for one event, or a few for people.
enum EventLine {
    static func json<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ id: SubscriptionID, _ argument: FeedArgument, receivedNanoseconds: Int64
    ) -> [UInt8] {
        line(id, argument, kind: kind(event), receivedNanoseconds) { writer in
            switch event {
            case .snapshot(let data), .update(let data): writer.value(data)
            case .gap(let gap):
                writer.beginObject()
                writer.field("from_ms", gap.fromMilliseconds)
                writer.field("to_ms", gap.toMilliseconds)
                writer.field("reason", gap.reason.rawValue)
                writer.field(orNull: "missed", gap.missedCount)
                writer.endObject()
            case .undecodable(let fault):
                writer.beginObject()
                writer.field("code", fault.code.description)
                writer.field("path", fault.path)
                writer.field("byte", fault.byteOffset)
                writer.endObject()
            }
        }
    }

    static func ended(
        code: String, message: String, _ id: SubscriptionID?, _ argument: FeedArgument, receivedNanoseconds: Int64
    ) -> [UInt8] {
        line(id, argument, kind: "ended", receivedNanoseconds) { writer in
            writer.beginObject()
            writer.field("code", code)
            writer.field("message", message)
            writer.endObject()
        }
    }

    private static func line(
        _ id: SubscriptionID?, _ argument: FeedArgument, kind: String, _ receivedNanoseconds: Int64,
        _ event: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field(orNull: "subscription", id?.description)
        writer.key("feed")
        writer.raw(argument.shown)
        writer.field("kind", kind)
        writer.field("received_ns", receivedNanoseconds)
        writer.key("event")
        event(&writer)
        writer.endObject()
        return writer.bytes
    }

    private static func kind<Event>(_ event: FeedEvent<Event>) -> String {
        switch event {
        case .snapshot: "snapshot"
        case .update: "update"
        case .gap: "gap"
        case .undecodable: "undecodable"
        }
    }

    /// More rows of one event than these are only counted.
    private static let shownRowCount = 10

    /// The time, the feed, and what came, a row a line.
    static func pretty<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ argument: FeedArgument, width: Int, receivedNanoseconds: Int64
    ) -> String {
        let clock = Column.clock(receivedNanoseconds / 1_000_000)
        let start = "\(clock)  \(Column.left(argument.shortText, width))  \(Column.left(kind(event), 8))  "
        let rest = rows(event)
        return rest.map { trimmed(start + $0) }.joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> Substring {
        line.lastIndex { $0 != " " }.map { line[...$0] } ?? ""
    }

    private static func rows<Event: JSONWritable>(_ event: FeedEvent<Event>) -> [String] {
        switch event {
        case .gap(let gap):
            return [
                "\(gap.reason.rawValue): something may be missing for \(gap.toMilliseconds - gap.fromMilliseconds) ms"
            ]
        case .undecodable(let fault): return ["\(fault)"]
        case .snapshot(let data), .update(let data):
            guard let terminalFormat = data as? any TerminalFormat else { return [compact { data.write(to: &$0) }] }
            let count = terminalFormat.rowCount
            guard count > 0 else { return ["nothing"] }
            var rows = (0..<min(count, shownRowCount)).map { terminalFormat.row($0) }
            if count > shownRowCount { rows.append("and \(count - shownRowCount) more") }
            return rows
        }
    }

    /// The first row of an event, for a table.
    static func short<Event: JSONWritable>(_ event: FeedEvent<Event>) -> String { rows(event).first ?? "" }

    /// The beginning of its JSON, for what has no row of its own.
    static func compact(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        let text = String(decoding: writer.bytes.prefix(160), as: UTF8.self)
        return writer.bytes.count > 160 ? text + "… (\(writer.bytes.count) bytes)" : text
    }
}

extension FeedArgument {
    /// The spelling on the command line, a long user or object in the middle left out.
    var shortText: String {
        guard text.count > 30 else { return text }
        return "\(text.prefix(20))…\(text.suffix(6))"
    }
}
