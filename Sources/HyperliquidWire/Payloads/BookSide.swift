/// One side of a book: its levels, the best one first.
///
/// A view into the book's one array; it shares that memory and copies nothing.
public struct BookSide: RandomAccessCollection, Sendable {
    @usableFromInline let levels: [Level]
    @usableFromInline let start: Int
    /// How many levels there are.
    public let count: Int

    @inlinable init(_ levels: [Level], _ range: Range<Int>) {
        self.levels = levels
        start = range.lowerBound
        count = range.count
    }

    /// Zero.
    @inlinable public var startIndex: Int { 0 }
    /// The number of levels.
    @inlinable public var endIndex: Int { count }

    /// The level at `position`, counted from the best one.
    @inlinable public subscript(position: Int) -> Level {
        precondition(position >= 0 && position < count, "no such level")
        return levels[start + position]
    }
}

extension BookSide: Hashable {
    /// Whether both hold equal levels.
    public static func == (lhs: BookSide, rhs: BookSide) -> Bool { lhs.elementsEqual(rhs) }

    /// Hashes the levels.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for level in self { hasher.combine(level) }
    }
}
