/// The values that tell which subscription of a channel a message belongs to, as one key that is cheap to compare.
///
/// Up to 15 bytes are held exactly; longer ones by a 120-bit digest, which two identities among thousands share
/// by chance with a probability below 10^-29.
public struct RouteKey: Hashable, Sendable {
    private let words: InlineString16

    /// The key of a channel whose messages carry none.
    public static let none = RouteKey(bytes: [])

    /// The key of a feed's ``FeedTraits/routeKey``.
    public init(_ values: [String]) {
        if values.count == 1 {
            var value = values[0]
            self = value.withUTF8 { unsafe RouteKey(bytes: $0) }
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
            self.words = words
            return
        }
        // Two independent multiply-and-mix passes, eight bits at a time; long keys are rare on hot channels.
        var low = FNV1a()
        var high: UInt64 = 0x9e37_79b9_7f4a_7c15
        for byte in bytes {
            low.mix(UInt64(byte))
            high = (high &+ UInt64(byte) &+ 1) &* 0xff51_afd7_ed55_8ccd
            high ^= high >> 32
        }
        words = InlineString16(low: low.value, high: high | 0xff << 56)
    }

    @inline(__always) fileprivate init(_ word: ShortWord) {
        words = InlineString16(low: word.low, high: word.high, byteCount: word.byteCount)
    }

    /// A spread of the key's bits for tables: each bit of the key reaches the lowest ones, which choose the place.
    package var spread: UInt64 {
        let mixed = (words.low ^ words.high &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        return mixed.byteSwapped
    }
}

extension MessageReader {
    /// The route key of the data that comes next; the reader does not move.
    ///
    /// Nothing when the data is too broken to tell.
    public mutating func routeKey(by scheme: RouteScheme) -> RouteKey? {
        if scheme.expectedField != .other, let key = expectedKey(scheme.expectedField) { return key }
        return anyKey(by: scheme)
    }

    /// The usual place of the one field that most channels are routed by: right at the start.
    @inline(__always) private func expectedKey(_ place: RouteScheme.ExpectedField) -> RouteKey? {
        guard triesFastPath, var fast = FastPathReader(self) else { return nil }
        switch place {
        case .coin: guard fast.take(#"{"coin":""#) else { return nil }
        case .firstCoin: guard fast.take(#"[{"coin":""#) else { return nil }
        case .other: return nil
        }
        guard let word = fast.shortWord() else { return nil }
        return RouteKey(word)
    }

    private mutating func anyKey(by scheme: RouteScheme) -> RouteKey? {
        let start = (cursor, depth, unknownCount)
        defer { (cursor, depth, unknownCount) = start }
        guard !scheme.fields.isEmpty else { return RouteKey.none }
        var bytes: [UInt8] = []
        for (index, field) in scheme.fields.enumerated() {
            (cursor, depth) = (start.0, start.1)
            if index > 0 { bytes.append(RouteKey.separator) }
            do throws(DecodingFault) {
                guard try find(field.path) else { continue }
                let text = peekType() == .string ? try readString() : ""
                bytes.append(contentsOf: field.path.last == "user" ? Array(text.lowercased().utf8) : Array(text.utf8))
            } catch {
                return nil
            }
        }
        return RouteKey(bytes: bytes)
    }

    /// Moves to the value at `path`; false when it is not there.
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
