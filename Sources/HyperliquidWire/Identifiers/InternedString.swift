internal import Synchronization

/// A text that events name over and over, in two words that nobody counts references to.
///
/// Up to 15 bytes stand in place, zero behind them and their number in the last byte: two texts are equal when their
/// words are. A longer one is a place in a table of this process, which keeps each such text for good.
@usableFromInline struct InternedString: Hashable, Sendable {
    /// The first eight bytes, the first one in the lowest place; or the place in the table.
    @usableFromInline let low: UInt64
    /// Seven more and in the highest byte how many there are; or `longMark` and below it how many there are.
    @usableFromInline let high: UInt64

    static let shortLimit = 15
    private static let longMark: UInt64 = 0xff << 56

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Up to 15 bytes of UTF-8, zero behind them.
    @inlinable @inline(__always) init(low: UInt64, high: UInt64, byteCount: Int) {
        assert(byteCount < 16)
        self.low = low
        self.high = high | UInt64(truncatingIfNeeded: byteCount) &<< 56
    }

    /// Takes any text.
    init(_ text: String) {
        self = InternedString(short: text) ?? InternTable.withShared { $0.add(text) }
    }

    /// Takes a text that a message brought; nothing for one that the table would not take from a message.
    init?(ofMessage text: String) {
        guard let interned = InternedString(short: text) ?? InternTable.withShared({ $0.add(ofMessage: text) }) else {
            return nil
        }
        self = interned
    }

    private init?(short text: String) {
        guard text.utf8.count <= Self.shortLimit else { return nil }
        var (low, high): (UInt64, UInt64) = (0, 0)
        for byte in text.utf8.reversed() {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(low: low, high: high, byteCount: text.utf8.count)
    }

    fileprivate init(place: Int, byteCount: Int) {
        self.init(low: UInt64(place), high: Self.longMark | UInt64(byteCount))
    }

    @usableFromInline var isShort: Bool { high >> 63 == 0 }

    /// How many bytes the text has.
    @inlinable var byteCount: Int {
        let count = high >> 56
        return Int(truncatingIfNeeded: count < 16 ? count : high & 0x00ff_ffff_ffff_ffff)
    }

    /// The text: without an allocation where it stands in place.
    @usableFromInline var text: String {
        guard isShort else { return InternTable.withShared { $0[Int(low)] } }
        return unsafe withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { bytes in
            unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]), as: UTF8.self)
        }
    }

    /// Whether both are the same bytes.
    @inlinable static func == (lhs: InternedString, rhs: InternedString) -> Bool {
        lhs.low == rhs.low && lhs.high == rhs.high
    }

    /// Hashes the two words.
    @inlinable func hash(into hasher: inout Hasher) {
        hasher.combine(low)
        hasher.combine(high)
    }

    /// Orders by the bytes.
    static func < (lhs: InternedString, rhs: InternedString) -> Bool {
        guard lhs.isShort, rhs.isShort else { return lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8) }
        // The first byte becomes the most significant one, and how many there are the least.
        if lhs.low != rhs.low { return lhs.low.byteSwapped < rhs.low.byteSwapped }
        return lhs.high.byteSwapped < rhs.high.byteSwapped
    }
}

/// The texts of more than 15 bytes, each once. What stands here stays: a interned string is only a place in it.
///
/// The program's own texts are as many as it likes. A peer's are not: they are kept short and few.
package struct InternTable: Sendable {
    private static let shared = Mutex(InternTable(messageLimit: 65_536))
    private static let turns = Atomic(0)
    /// The venue's own coins have 15 bytes at most; no feed takes a coin of more than this.
    static let messageByteLimit = 64

    private var texts: [String] = []
    // By bytes: equal strings may be spelled by different ones.
    private var places: [[UInt8]: Int] = [:]
    /// How many more messages may bring.
    private var messageAllowance: Int

    /// An empty table that takes so many texts from messages.
    package init(messageLimit: Int) {
        messageAllowance = messageLimit
    }

    /// Gives the process' own table to `body`.
    static func withShared<Result>(_ body: (inout InternTable) -> Result) -> Result {
        shared.withLock { table in
            // The lock orders these two; they show it to the thread sanitizer, which cannot see a contended `Mutex`.
            _ = turns.load(ordering: .acquiring)
            defer { turns.store(0, ordering: .releasing) }
            return body(&table)
        }
    }

    /// How many there are.
    package var count: Int { texts.count }

    subscript(place: Int) -> String { texts[place] }

    mutating func add(_ text: String) -> InternedString { add(Array(text.utf8)) }

    mutating func add(ofMessage text: String) -> InternedString? {
        guard text.utf8.count <= Self.messageByteLimit else { return nil }
        let bytes = Array(text.utf8)
        if places[bytes] == nil {
            guard messageAllowance > 0 else { return nil }
            messageAllowance -= 1
        }
        return add(bytes)
    }

    private mutating func add(_ bytes: [UInt8]) -> InternedString {
        if let place = places[bytes] { return InternedString(place: place, byteCount: bytes.count) }
        texts.append(String(decoding: bytes, as: UTF8.self))
        places[bytes] = texts.count - 1
        return InternedString(place: texts.count - 1, byteCount: bytes.count)
    }

    /// Whether the table has, or takes, a text that a message brought.
    package mutating func takes(ofMessage text: String) -> Bool { add(ofMessage: text) != nil }
}
