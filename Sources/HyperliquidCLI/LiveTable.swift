internal import Hyperliquid

/// A table that is drawn over itself.
struct LiveTable {
    /// One feed as it stands.
    struct Row: Sendable {
        let feed: String
        let state: String
        let messageCount: Int
        let gapCount: Int
        let last: String
    }

    private var drawnLineCount = 0
    private var lastCounts: [Int] = []
    private var lastNanoseconds: Int64 = 0

    /// What to write to the terminal so that the table shows `rows`.
    mutating func draw(_ rows: [Row], width: Int, atNanoseconds now: Int64) -> String {
        var table = Table(["feed", "state", "messages", "a second", "gaps", "last"])
        let seconds = Double(now - lastNanoseconds) / 1e9
        for (index, row) in rows.enumerated() {
            let isFirst = index >= lastCounts.count
            let rate = isFirst ? 0 : Double(row.messageCount - lastCounts[index]) / max(seconds, 0.001)
            table.add([
                row.feed, row.state, "\(row.messageCount)", "\((rate * 10).rounded() / 10)", "\(row.gapCount)",
                row.last,
            ])
        }
        lastCounts = rows.map(\.messageCount)
        lastNanoseconds = now
        let lines = table.text.split(separator: "\n", omittingEmptySubsequences: false)
        // Up to where the table began; each line is cut to the terminal and its old rest erased.
        var text = drawnLineCount > 0 ? "\u{1b}[\(drawnLineCount)A" : ""
        for line in lines { text += "\r\(line.prefix(width - 1))\u{1b}[K\n" }
        drawnLineCount = lines.count
        return text
    }
}
