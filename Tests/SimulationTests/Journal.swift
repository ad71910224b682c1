import HyperliquidWire

/// The first rule that was broken, and, when asked for, what led there.
struct Journal {
    private(set) var violation: String?
    /// Whether what happens is written down: a failing seed is run again with this on.
    var isKept = false
    private(set) var lines: [String] = []

    mutating func violate(_ what: String, at now: Instant) {
        if violation == nil { violation = "at \(now): \(what)" }
    }

    mutating func note(_ what: @autoclosure () -> String, at now: Instant) {
        guard isKept else { return }
        lines.append("\(now) \(what())")
    }

    func tail(_ count: Int) -> String { lines.suffix(count).joined(separator: "\n") }
}
