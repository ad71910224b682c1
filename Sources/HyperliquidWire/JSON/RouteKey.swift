/// The values that tell which subscription of a channel a message belongs to, as one key that is cheap to compare.
///
/// Up to 15 bytes are held exactly; longer ones by a 120-bit digest, which two identities among thousands share
/// by chance with a probability below 10^-29.
public struct RouteKey: Hashable, Sendable {
    private let low: UInt64
    private let high: UInt64

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

    init(bytes: some Collection<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        if bytes.count <= 15 {
            for (index, byte) in bytes.enumerated() {
                if index < 8 {
                    words.0 |= UInt64(byte) << UInt64(8 * index)
                } else {
                    words.1 |= UInt64(byte) << UInt64(8 * (index - 8))
                }
            }
            self.init(low: words.0, high: words.1 | UInt64(bytes.count) << 56)
            return
        }
        // Two independent multiply-and-mix passes, eight bits at a time; long keys are rare on hot channels.
        words = (0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15)
        for byte in bytes {
            words.0 = (words.0 ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            words.1 = (words.1 &+ UInt64(byte) &+ 1) &* 0xff51_afd7_ed55_8ccd
            words.1 ^= words.1 >> 32
        }
        self.init(low: words.0, high: words.1 | 0xff << 56)
    }

    /// A short key by its packed bytes.
    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// A spread of the key's bits for tables: each bit of the key reaches the lowest ones, which choose the place.
    package var spread: UInt64 {
        let mixed = (low ^ high &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
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
        return RouteKey(low: word.low, high: word.high | UInt64(truncatingIfNeeded: word.count) &<< 56)
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

/// FNV-1a, over words or over a text's bytes. For looking up what nobody makes to collide.
package struct Digest {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    @inline(__always) package mutating func mix(_ word: UInt64) { value = (value ^ word) &* 0x0000_0100_0000_01b3 }

    package mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }
}
