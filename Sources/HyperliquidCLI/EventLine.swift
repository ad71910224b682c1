internal import Hyperliquid

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One line of output for one event.
enum EventLine {
    static func json<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ id: SubscriptionID, _ argument: FeedArgument
    ) -> [UInt8] {
        line(id, argument, kind: kind(event)) { writer in
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

    static func ended(_ error: HyperliquidError, _ id: SubscriptionID?, _ argument: FeedArgument) -> [UInt8] {
        line(id, argument, kind: "ended") { writer in
            writer.beginObject()
            writer.field("code", error.code.description)
            writer.field("message", error.message)
            writer.endObject()
        }
    }

    private static func line(
        _ id: SubscriptionID?, _ argument: FeedArgument, kind: String, _ event: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field(orNull: "subscription", id?.description)
        writer.key("feed")
        writer.raw(argument.shown)
        writer.field("kind", kind)
        writer.field("received_ns", wallNanoseconds)
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

    /// The time, the feed, and the beginning of the data.
    static func pretty<Event: JSONWritable>(_ event: FeedEvent<Event>, _ argument: FeedArgument) -> String {
        let text: String =
            switch event {
            case .snapshot(let data), .update(let data): compact(data)
            case .gap(let gap):
                "\(gap.reason.rawValue): something may be missing for \(gap.toMilliseconds - gap.fromMilliseconds) ms"
            case .undecodable(let fault): "\(fault)"
            }
        return "\(clock) \(padded(argument.text, 28)) \(padded(kind(event), 8)) \(text)"
    }

    private static func compact(_ data: some JSONWritable) -> String {
        var writer = JSONWriter()
        data.write(to: &writer)
        let text = String(decoding: writer.bytes.prefix(160), as: UTF8.self)
        return writer.bytes.count > 160 ? text + "… (\(writer.bytes.count) bytes)" : text
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text.count >= width
            ? String(text.prefix(width - 1)) + "…" : text + String(repeating: " ", count: width - text.count)
    }

    private static var clock: String {
        let milliseconds = wallNanoseconds / 1_000_000 % 86_400_000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let rest = milliseconds % 1000
        let seconds =
            "\(two(milliseconds / 3_600_000)):\(two(milliseconds / 60_000 % 60)):\(two(milliseconds / 1000 % 60))"
        return seconds + "." + (rest < 10 ? "00" : rest < 100 ? "0" : "") + "\(rest)"
    }

    private static var wallNanoseconds: Int64 {
        var time = timespec()
        // Fails only for a clock that does not exist.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
