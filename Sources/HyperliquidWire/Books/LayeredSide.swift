/// One side of an ``OrderBook``: layers of messages, the newest at the best prices.
///
/// A message covers every price from the best one to its reach, until a newer message covers the same price. So the
/// layers lie from the best price outward, each older than the one before it.
struct LayeredSide: Hashable, Sendable {
    /// The age of a message: by venue time, then by depth. Of two messages with equal stamps, the one that arrived
    /// later counts.
    struct Stamp: Hashable, Comparable, Sendable {
        let time: Int64
        let source: BookSource

        static func < (lhs: Stamp, rhs: Stamp) -> Bool {
            (lhs.time, lhs.source) < (rhs.time, rhs.source)
        }
    }

    /// The worst price that a message covers.
    private enum Reach: Hashable, Sendable {
        case price(ExactDecimal)
        case wholeSide
    }

    private struct Layer: Hashable, Sendable {
        let stamp: Stamp
        let reach: Reach
    }

    private let isBid: Bool
    private var layers: [Layer] = []
    /// The levels, the best one first.
    private(set) var levels: [BookLevel] = []

    init(isBid: Bool) {
        self.isBid = isBid
    }

    /// Returns whether `levels` are in the side's order, without a repeated price.
    func isOrdered(_ levels: some BidirectionalCollection<Level>) -> Bool {
        zip(levels, levels.dropFirst()).allSatisfy { isBetter($0.price, $1.price) }
    }

    /// Applies the levels of a message, the best one first; returns `false` if newer messages cover all of them.
    mutating func apply(_ message: some BidirectionalCollection<Level>, _ stamp: Stamp) -> Bool {
        let reach = reach(of: message, from: stamp.source)
        // Newer layers come first, because they are nearer to the best price.
        let newerCount = layers.firstIndex { $0.stamp <= stamp } ?? layers.count
        let shield = newerCount > 0 ? layers[newerCount - 1].reach : nil
        if let shield, !isBeyond(reach, shield) { return false }
        let olderStart = layers[newerCount...].firstIndex { isBeyond($0.reach, reach) } ?? layers.count
        layers.replaceSubrange(newerCount..<olderStart, with: [Layer(stamp: stamp, reach: reach)])

        let start = levels.firstIndex { level in shield.map { isBeyond(.price(level.price), $0) } ?? true }
        let end = levels.firstIndex { isBeyond(.price($0.price), reach) }
        let covered = message.drop { level in shield.map { !isBeyond(.price(level.price), $0) } ?? false }
        levels.replaceSubrange(
            (start ?? levels.count)..<(end ?? levels.count),
            with: covered.map { BookLevel($0, source: stamp.source, timeMilliseconds: stamp.time) })
        dropDeepest()
        return true
    }

    /// Drops the deepest levels. Without full books, a side whose best price moves away from old levels would grow
    /// for ever.
    private mutating func dropDeepest() {
        guard levels.count > OrderBook.maximumLevelCount else { return }
        levels.removeLast(levels.count - OrderBook.maximumLevelCount)
        if let kept = layers.firstIndex(where: { !isBeyond(.price(levels[levels.count - 1].price), $0.reach) }) {
            layers.removeLast(layers.count - kept - 1)
        }
    }

    private func reach(of message: some BidirectionalCollection<Level>, from source: BookSource) -> Reach {
        guard source != .fullBook, message.count >= source.levelLimit, let worst = message.last else {
            return .wholeSide
        }
        return .price(worst.price)
    }

    private func isBetter(_ price: ExactDecimal, _ other: ExactDecimal) -> Bool {
        isBid ? price > other : price < other
    }

    /// Returns whether `reach` extends farther from the best price than `other`.
    private func isBeyond(_ reach: Reach, _ other: Reach) -> Bool {
        switch (reach, other) {
        case (.price(let price), .price(let otherPrice)): isBetter(otherPrice, price)
        case (.wholeSide, .price): true
        case (.price, .wholeSide), (.wholeSide, .wholeSide): false
        }
    }
}
