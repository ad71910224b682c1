/// One side of an ``OrderBook``: layers of messages, the newest at the best prices.
///
/// A message speaks for every price from the best down to its reach. What it says holds until a newer message
/// speaks for the same price. So the layers lie from the best price outward, each older than the one before it.
struct LayeredSide: Hashable, Sendable {
    /// How new a message is: by venue time, then by depth; of two equal ones the later arrival counts.
    struct Stamp: Hashable, Comparable, Sendable {
        let time: Int64
        let source: BookSource

        static func < (lhs: Stamp, rhs: Stamp) -> Bool {
            (lhs.time, lhs.source) < (rhs.time, rhs.source)
        }
    }

    /// Up to which price a message speaks.
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

    /// Whether `levels` stand in the side's order, with no price twice.
    func isOrdered(_ levels: some BidirectionalCollection<Level>) -> Bool {
        zip(levels, levels.dropFirst()).allSatisfy { isBetter($0.price, $1.price) }
    }

    /// Takes what a message says of this side, the best level first; false when all of it was known better.
    mutating func apply(_ message: some BidirectionalCollection<Level>, _ stamp: Stamp) -> Bool {
        let reach = reach(of: message, from: stamp.source)
        // Newer layers come first, because they lie nearer to the best price.
        let newerCount = layers.firstIndex { $0.stamp <= stamp } ?? layers.count
        let shield = newerCount > 0 ? layers[newerCount - 1].reach : nil
        if let shield, !isBeyond(reach, shield) { return false }
        let olderStart = layers[newerCount...].firstIndex { isBeyond($0.reach, reach) } ?? layers.count
        layers.replaceSubrange(newerCount..<olderStart, with: [Layer(stamp: stamp, reach: reach)])

        let start = levels.firstIndex { level in shield.map { isBeyond(.price(level.price), $0) } ?? true }
        let end = levels.firstIndex { isBeyond(.price($0.price), reach) }
        let said = message.drop { level in shield.map { !isBeyond(.price(level.price), $0) } ?? false }
        levels.replaceSubrange(
            (start ?? levels.count)..<(end ?? levels.count),
            with: said.map { BookLevel($0, source: stamp.source, timeMilliseconds: stamp.time) })
        dropDeepest()
        return true
    }

    /// A side on which the best price runs away from old levels would grow for ever if no full book came.
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

    /// Whether `reach` goes farther from the best price than `other`.
    private func isBeyond(_ reach: Reach, _ other: Reach) -> Bool {
        switch (reach, other) {
        case (.price(let price), .price(let otherPrice)): isBetter(otherPrice, price)
        case (.wholeSide, .price): true
        case (.price, .wholeSide), (.wholeSide, .wholeSide): false
        }
    }
}
