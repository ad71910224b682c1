import HyperliquidWire

/// The first rule that was broken, and, when asked for, what led there.
struct Journal {
    private(set) var violation: String?
    /// Whether what happens is written down: a failing seed is run again with this on.
    var isKept = false
    /// The count and digest of all inputs and effects, when they are recorded.
    var digest: JournalDigest?
    private(set) var lines: [String] = []

    mutating func violate(_ what: String, at now: Instant) {
        if violation == nil { violation = "at \(now): \(what)" }
    }

    mutating func note(_ what: @autoclosure () -> String, at now: Instant) {
        guard isKept || digest != nil else { return }
        let line = "\(now.nanoseconds) \(what())"
        digest?.add(line)
        if isKept { lines.append(line) }
    }

    func tail(_ count: Int) -> String { lines.suffix(count).joined(separator: "\n") }
}
