internal import Hyperliquid

/// One thing that was looked at.
struct Check: Sendable {
    /// What, for example `api dial` or `feed trades`.
    let name: String
    let isPassed: Bool
    /// What was seen; where it failed, also what to do.
    let detail: String
    /// How long it took.
    var time: Duration?

    static func passed(_ name: String, _ detail: String, _ time: Duration? = nil) -> Check {
        Check(name: name, isPassed: true, detail: detail, time: time)
    }

    static func failed(_ name: String, _ detail: String) -> Check {
        Check(name: name, isPassed: false, detail: detail)
    }

    private var milliseconds: Double? { time.map { ($0 / .microseconds(100)).rounded() / 10 } }

    var line: String {
        let suffix = milliseconds.map { " (\($0) ms)" } ?? ""
        return "\(isPassed ? "ok    " : "FAILED") \(Column.left(name, 34)) \(detail)\(suffix)"
    }

    static func json(_ checks: [Check]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for check in checks {
            writer.beginObject()
            writer.field("check", check.name)
            writer.field("ok", check.isPassed)
            writer.field("detail", check.detail)
            if let milliseconds = check.milliseconds {
                writer.key("ms")
                writer.value(milliseconds)
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}
