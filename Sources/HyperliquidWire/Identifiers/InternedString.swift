internal import Synchronization

/// A text that events name over and over, in two words that nobody counts references to.
///
/// Up to 15 bytes stand in place, zero behind them and their number in the last byte: two texts are equal when their
/// words are. A longer one is a place in a table of this process, which keeps each such text for good.
@usableFromInline struct InternedString: Hashable, Sendable {
    /// The text itself; or its index in the table, and `longMark` with its byte count.
    @usableFromInline let words: InlineString16

    static let shortLimit = InlineString16.maximumByteCount
    private static let longMark: UInt64 = 0xff << 56

    @inline(__always) private init(_ words: InlineString16) {
        self.words = words
    }

    /// Takes up to 15 bytes of UTF-8; the words must be zero behind them.
    @inlinable @inline(__always) init(low: UInt64, high: UInt64, byteCount: Int) {
        words = InlineString16(low: low, high: high, byteCount: byteCount)
    }

    /// Takes any text.
    init(_ text: String) {
        self = InlineString16(text.utf8).map { InternedString($0) } ?? InternTable.withShared { $0.add(text) }
    }

    /// Takes a text that a message brought; nothing for one that the table would not take from a message.
    init?(ofMessage text: String) {
        if let short = InlineString16(text.utf8) {
            self.init(short)
        } else {
            guard let long = InternTable.withShared({ $0.add(ofMessage: text) }) else { return nil }
            self = long
        }
    }

    fileprivate init(tableIndex index: Int, byteCount: Int) {
        self.init(InlineString16(low: UInt64(index), high: Self.longMark | UInt64(byteCount)))
    }

    private var isShort: Bool { words.high >> 63 == 0 }

    /// How many bytes the text has.
    @inlinable var byteCount: Int {
        let count = words.high >> 56
        return Int(truncatingIfNeeded: count < 16 ? count : words.high & 0x00ff_ffff_ffff_ffff)
    }

    /// The text: without an allocation where it stands in place.
    @usableFromInline var text: String {
        guard isShort else { return InternTable.withShared { $0[Int(words.low)] } }
        return unsafe withUnsafeBytes(of: (words.low.littleEndian, words.high.littleEndian)) { bytes in
            unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]), as: UTF8.self)
        }
    }

    /// Whether both are the same bytes.
    @inlinable static func == (lhs: InternedString, rhs: InternedString) -> Bool {
        lhs.words.low == rhs.words.low && lhs.words.high == rhs.words.high
    }

    /// Hashes the two words.
    @inlinable func hash(into hasher: inout Hasher) {
        hasher.combine(words.low)
        hasher.combine(words.high)
    }

    /// Orders by the bytes.
    static func < (lhs: InternedString, rhs: InternedString) -> Bool {
        guard lhs.isShort, rhs.isShort else { return lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8) }
        // The first byte becomes the most significant one, and how many there are the least.
        if lhs.words.low != rhs.words.low { return lhs.words.low.byteSwapped < rhs.words.low.byteSwapped }
        return lhs.words.high.byteSwapped < rhs.words.high.byteSwapped
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
        if let place = places[bytes] { return InternedString(tableIndex: place, byteCount: bytes.count) }
        texts.append(String(decoding: bytes, as: UTF8.self))
        places[bytes] = texts.count - 1
        return InternedString(tableIndex: texts.count - 1, byteCount: bytes.count)
    }

    /// Whether the table has, or takes, a text that a message brought.
    package mutating func takes(ofMessage text: String) -> Bool { add(ofMessage: text) != nil }
}
