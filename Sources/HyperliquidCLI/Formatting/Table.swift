/// Rows of text in aligned columns.
struct Table {
    private var rows: [[String]]

    init(_ header: [String]) {
        rows = [header]
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

/// A table on a terminal that is redrawn in place.
struct LiveTable {
    /// The present state of one feed.
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

    /// The text to write to the terminal so that the table shows `rows`.
    mutating func draw(_ rows: [Row], width: Int, atNanoseconds now: Int64) -> String {
        var table = Table(["feed", "state", "messages", "per second", "gaps", "last"])
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
        // Moves up to the first line of the table. Each line is cut to the terminal's width, and erases the old one.
        var text = drawnLineCount > 0 ? "\u{1b}[\(drawnLineCount)A" : ""
        for line in lines { text += "\r\(line.prefix(width - 1))\u{1b}[K\n" }
        drawnLineCount = lines.count
        return text
    }
}
