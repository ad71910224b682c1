internal import Hyperliquid

/// The output for one event: a JSON line for programs, or rows for people.
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

    /// The most rows that are printed per event; the others are only counted.
    private static let shownRowCount = 10

    /// The time, the feed and the event, with one line per row.
    static func pretty<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ argument: FeedArgument, width: Int, receivedNanoseconds: Int64
    ) -> String {
        let clock = Columns.clock(receivedNanoseconds / 1_000_000)
        let start = "\(clock)  \(Columns.left(argument.shortText, width))  \(Columns.left(kind(event), 8))  "
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
                "\(gap.reason.rawValue): events may be missing from \(gap.toMilliseconds - gap.fromMilliseconds) ms"
            ]
        case .undecodable(let fault): return ["\(fault)"]
        case .snapshot(let data), .update(let data):
            guard let shown = data as? any TerminalRows else { return [compact { data.write(to: &$0) }] }
            let count = shown.rowCount
            guard count > 0 else { return ["no rows"] }
            var rows = (0..<min(count, shownRowCount)).map { shown.row($0) }
            if count > shownRowCount { rows.append("and \(count - shownRowCount) more") }
            return rows
        }
    }

    /// The first row of an event, for the live table.
    static func short<Event: JSONWritable>(_ event: FeedEvent<Event>) -> String { rows(event).first ?? "" }

    /// The beginning of a value's JSON, for values without a row of their own.
    static func compact(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        let text = String(decoding: writer.bytes.prefix(160), as: UTF8.self)
        return writer.bytes.count > 160 ? text + "… (\(writer.bytes.count) bytes)" : text
    }
}

extension FeedArgument {
    /// The text on the command line; the middle of a long one is left out.
    var shortText: String {
        guard text.count > 30 else { return text }
        return "\(text.prefix(20))…\(text.suffix(6))"
    }
}
