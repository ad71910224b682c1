internal import Synchronization

/// A text that events name again and again, in two words without a reference count.
///
/// Up to 15 bytes are stored in the words themselves, so two texts are equal if their words are. A longer text is an
/// index into a table of this process, which keeps each such text for good.
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

    /// Creates a value from any text.
    init(_ text: String) {
        self = InlineString16(text.utf8).map { InternedString($0) } ?? InternTable.withShared { $0.add(text) }
    }

    /// Creates a value from a text of a message; `nil` if the table does not take it.
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

    /// The length of the text in bytes.
    @inlinable var byteCount: Int {
        let count = words.high >> 56
        return Int(truncatingIfNeeded: count < 16 ? count : words.high & 0x00ff_ffff_ffff_ffff)
    }

    /// The text. A short one is made without a lock.
    @usableFromInline var text: String {
        guard isShort else { return InternTable.withShared { $0[Int(words.low)] } }
        return unsafe withUnsafeBytes(of: (words.low.littleEndian, words.high.littleEndian)) { bytes in
            unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]), as: UTF8.self)
        }
    }

    /// Returns whether both have the same bytes.
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
        // The first byte becomes the most significant one, and the byte count the least significant one.
        if lhs.words.low != rhs.words.low { return lhs.words.low.byteSwapped < rhs.words.low.byteSwapped }
        return lhs.words.high.byteSwapped < rhs.words.high.byteSwapped
    }
}

/// The texts of more than 15 bytes, each once. Entries are never removed, because an interned string is an index.
///
/// The program's own texts are not limited. Those of a peer are limited in length and number.
package struct InternTable: Sendable {
    private static let shared = Mutex(InternTable(messageLimit: 65_536))
    private static let turns = Atomic(0)
    /// The longest text taken from a message. The venue's own coins have 15 bytes at most; no feed accepts a longer
    /// coin than this.
    static let messageByteLimit = 64

    private var texts: [String] = []
    // By bytes, because equal strings may have different bytes.
    private var indices: [[UInt8]: Int] = [:]
    /// The number of texts that messages may still add.
    private var remainingMessageCount: Int

    /// Creates an empty table that takes `messageLimit` texts from messages.
    package init(messageLimit: Int) {
        remainingMessageCount = messageLimit
    }

    /// Calls `body` with the table of the process.
    static func withShared<Result>(_ body: (inout InternTable) -> Result) -> Result {
        shared.withLock { table in
            // The lock orders these two accesses. They exist for the thread sanitizer, which does not see a contended
            // `Mutex`.
            _ = turns.load(ordering: .acquiring)
            defer { turns.store(0, ordering: .releasing) }
            return body(&table)
        }
    }

    /// The number of texts.
    package var count: Int { texts.count }

    subscript(index: Int) -> String { texts[index] }

    mutating func add(_ text: String) -> InternedString { add(Array(text.utf8)) }

    mutating func add(ofMessage text: String) -> InternedString? {
        guard text.utf8.count <= Self.messageByteLimit else { return nil }
        let bytes = Array(text.utf8)
        if indices[bytes] == nil {
            guard remainingMessageCount > 0 else { return nil }
            remainingMessageCount -= 1
        }
        return add(bytes)
    }

    private mutating func add(_ bytes: [UInt8]) -> InternedString {
        if let index = indices[bytes] { return InternedString(tableIndex: index, byteCount: bytes.count) }
        texts.append(String(decoding: bytes, as: UTF8.self))
        indices[bytes] = texts.count - 1
        return InternedString(tableIndex: texts.count - 1, byteCount: bytes.count)
    }

    /// Returns whether the table has, or takes, a text of a message.
    package mutating func takes(ofMessage text: String) -> Bool { add(ofMessage: text) != nil }
}
