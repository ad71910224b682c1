import HyperliquidWire

/// The first violation of a run and, if requested, the inputs and effects before it.
struct Journal {
    private(set) var violation: String?
    /// Whether the lines are kept. A failing seed is run again with this set.
    var keepsLines = false
    /// The count and digest of all inputs and effects, `nil` unless the run is recorded.
    var digest: JournalDigest?
    private(set) var lines: [String] = []

    /// Reports a violation. Only the first one is stored.
    mutating func violate(_ problem: String, at now: Instant) {
        if violation == nil { violation = "at \(now): \(problem)" }
    }

    mutating func note(_ text: @autoclosure () -> String, at now: Instant) {
        guard keepsLines || digest != nil else { return }
        let line = "\(now.nanoseconds) \(text())"
        digest?.add(line)
        if keepsLines { lines.append(line) }
    }
}
