/// The values that show to which subscription of a channel a message belongs, as one key that is cheap to compare.
///
/// Up to 15 bytes are kept exactly. A longer key is a 120-bit digest; the probability that two of thousands of
/// identities share one by chance is below 10^-29.
@_documentation(visibility: internal)
public struct _RouteKey: Hashable, Sendable {
    private let low: UInt64
    private let high: UInt64

    /// The key of a channel whose messages carry no key.
    public static let none = _RouteKey(bytes: [])

    /// The key of the values of a feed's ``FeedTraits/routeKey``.
    public init(_ values: [String]) {
        if values.count == 1 {
            var value = values[0]
            self = value.withUTF8 { unsafe _RouteKey(bytes: $0) }
            return
        }
        var bytes: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(Self.separator) }
            bytes.append(contentsOf: value.utf8)
        }
        self.init(bytes: bytes)
    }

    static let separator: UInt8 = 0x1f

    init(bytes: some BidirectionalCollection<UInt8>) {
        if let words = InlineString16(bytes) {
            (low, high) = (words.low, words.high)
            return
        }
        // Two independent hashes of the bytes. Long keys are rare on busy channels.
        var first = FNV1a()
        var second: UInt64 = 0x9e37_79b9_7f4a_7c15
        for byte in bytes {
            first.mix(UInt64(byte))
            second = (second &+ UInt64(byte) &+ 1) &* 0xff51_afd7_ed55_8ccd
            second ^= second >> 32
        }
        (low, high) = (first.value, second | 0xff << 56)
    }

    @inline(__always) fileprivate init(_ word: ShortWord) {
        let words = InlineString16(low: word.low, high: word.high, byteCount: word.byteCount)
        (low, high) = (words.low, words.high)
    }

    /// A mix of the key's bits for hash tables: each bit of the key affects the lowest bits, which choose the slot.
    package var spread: UInt64 {
        let mixed = (low ^ high &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        return mixed.byteSwapped
    }
}

extension MessageReader {
    /// The route key of the data that comes next; `nil` if the data cannot be read that far. The reader does not
    /// move.
    @_documentation(visibility: internal)
    public mutating func _routeKey(by scheme: RouteScheme) -> _RouteKey? {
        if scheme.expectedField != .other, let key = expectedKey(scheme.expectedField) { return key }
        return anyKey(by: scheme)
    }

    /// Reads the one field by which most channels are routed, if it is where it is expected: at the start.
    @inline(__always) private func expectedKey(_ field: RouteScheme.ExpectedField) -> _RouteKey? {
        guard triesFastPath, var fast = FastPathReader(self) else { return nil }
        switch field {
        case .coin: guard fast.take(#"{"coin":""#) else { return nil }
        case .firstCoin: guard fast.take(#"[{"coin":""#) else { return nil }
        case .other: return nil
        }
        guard let word = fast.shortWord() else { return nil }
        return _RouteKey(word)
    }

    private mutating func anyKey(by scheme: RouteScheme) -> _RouteKey? {
        let start = (cursor, depth, unknownCount)
        defer { (cursor, depth, unknownCount) = start }
        guard !scheme.fields.isEmpty else { return _RouteKey.none }
        var bytes: [UInt8] = []
        for (index, field) in scheme.fields.enumerated() {
            (cursor, depth) = (start.0, start.1)
            if index > 0 { bytes.append(_RouteKey.separator) }
            do throws(DecodingFault) {
                guard try find(field.path) else { continue }
                let text = peekType() == .string ? try readString() : ""
                bytes.append(contentsOf: field.path.last == "user" ? Array(text.lowercased().utf8) : Array(text.utf8))
            } catch {
                return nil
            }
        }
        return _RouteKey(bytes: bytes)
    }

    /// Moves to the value at `path`; returns `false` if there is none.
    private mutating func find(_ path: [String]) throws(DecodingFault) -> Bool {
        for name in path {
            if name == "0" {
                guard peekType() == .array else { return false }
                var array = try beginArray()
                guard try nextElement(&array) else { return false }
                continue
            }
            guard peekType() == .object else { return false }
            var object = try beginObject()
            var isFound = false
            while !isFound, let key = try nextKey(&object) {
                if key.text == name { isFound = true } else { try skipValue() }
            }
            guard isFound else { return false }
        }
        return true
    }
}
