/// Rows in the order in which they came: the newest are kept, all are counted.
struct RowStore<Row: Sendable>: Sendable {
    private(set) var rows: [Row] = []
    /// How many there have been.
    private(set) var total = 0

    /// What `/info` gives at most (docs/protocol.md, "Back-fill").
    private static var keptCount: Int { 2000 }

    mutating func append(_ row: Row) {
        rows.append(row)
        total += 1
        if rows.count > 2 * Self.keptCount { rows.removeFirst(rows.count - Self.keptCount) }
    }

    /// The rows after the first `count`, as far as they are kept.
    func since(_ count: Int) -> ArraySlice<Row> { rows.suffix(max(0, total - count)) }

    /// The newest rows, oldest of them first.
    func newest(_ count: Int) -> ArraySlice<Row> { rows.suffix(count) }
}
