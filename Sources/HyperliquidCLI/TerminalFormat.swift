internal import Hyperliquid

/// An event as a person reads it: a line, or one a row.
protocol TerminalFormat {
    /// How many rows it has.
    var rowCount: Int { get }
    /// One row, short, its figures aligned.
    func row(_ index: Int) -> String
}

extension TerminalFormat {
    var rowCount: Int { 1 }
    /// The first row, for a place that has room for one.
    var firstRow: String { rowCount > 0 ? row(0) : "nothing" }
}

extension Array: TerminalFormat where Element: TerminalFormat {
    var rowCount: Int { count }
    func row(_ index: Int) -> String { self[index].firstRow }
}

/// Columns of figures.
enum Column {
    /// Text at the left of its column.
    static func left(_ text: some CustomStringConvertible, _ width: Int) -> String {
        let text = text.description
        return text.count < width ? text + String(repeating: " ", count: width - text.count) : text
    }

    /// Text at the right of its column.
    static func right(_ text: some CustomStringConvertible, _ width: Int) -> String {
        let text = text.description
        return text.count < width ? String(repeating: " ", count: width - text.count) + text : text
    }

    static func side(_ side: Side) -> String {
        side == .buy ? "buy " : side == .sell ? "sell" : left(side.rawValue, 4)
    }

    /// `SIZE @ PRICE`, the middle of all market rows.
    static func deal(_ size: ExactDecimal, _ price: ExactDecimal) -> String {
        "\(right(size, 11)) @ \(left(price, 10))"
    }

    static func optional(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "-" }

    /// The time of day, UTC, of milliseconds since 1970.
    static func clock(_ milliseconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let ofDay = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        let rest = ofDay % 1000
        let clock = "\(two(ofDay / 3_600_000)):\(two(ofDay / 60_000 % 60)):\(two(ofDay / 1000 % 60))"
        return clock + "." + (rest < 10 ? "00" : rest < 100 ? "0" : "") + "\(rest)"
    }
}
