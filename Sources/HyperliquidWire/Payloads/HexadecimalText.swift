/// The 64 lower-case digits of a hash as the venue writes them: checked, and made a number when somebody asks.
///
/// To make the numbers of a trade's hash and users took two thirds of the instructions of reading a trade, and few
/// who follow trades look at them.
struct HashText: Hashable, Sendable {
    private let words: (SIMD2<UInt64>, SIMD2<UInt64>, SIMD2<UInt64>, SIMD2<UInt64>)

    /// Takes the digits that stand at `start`; nothing when they are others, or upper-case, or end too soon.
    @inline(__always) init?(_ reader: borrowing StraightReader, at start: Int) {
        guard reader.hasWords(8, at: start) else { return nil }
        words = (
            reader.vector(at: start), reader.vector(at: start &+ 16), reader.vector(at: start &+ 32),
            reader.vector(at: start &+ 48)
        )
        let faults =
            Hexadecimal.faults(in: words.0) | Hexadecimal.faults(in: words.1) | Hexadecimal.faults(in: words.2)
            | Hexadecimal.faults(in: words.3)
        guard !Hexadecimal.hasFault(faults) else { return nil }
    }

    init(_ hash: TransactionHash) {
        let words = hash.words.map { Hexadecimal.text($0) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    var hash: TransactionHash {
        TransactionHash(
            Hexadecimal.word(words.0), Hexadecimal.word(words.1), Hexadecimal.word(words.2), Hexadecimal.word(words.3))
    }

    static func == (lhs: HashText, rhs: HashText) -> Bool { lhs.hash == rhs.hash }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// The 40 lower-case digits of an address, in the same way.
struct AddressText: Hashable, Sendable {
    private let high: SIMD2<UInt64>
    private let middle: SIMD2<UInt64>
    private let low: UInt64

    /// Takes the digits that stand at `start`; nothing when they are others, or upper-case, or end too soon.
    @inline(__always) init?(_ reader: borrowing StraightReader, at start: Int) {
        guard reader.hasWords(5, at: start) else { return nil }
        high = reader.vector(at: start)
        middle = reader.vector(at: start &+ 16)
        low = reader.word(at: start &+ 32)
        // The last sixteen overlap those before them.
        let faults =
            Hexadecimal.faults(in: high) | Hexadecimal.faults(in: middle)
            | Hexadecimal.faults(in: reader.vector(at: start &+ 24))
        guard !Hexadecimal.hasFault(faults) else { return nil }
    }

    init(_ address: Address) {
        high = Hexadecimal.text(address.high)
        middle = Hexadecimal.text(address.middle)
        low = Hexadecimal.text(address.low)
    }

    var address: Address {
        Address(
            high: Hexadecimal.word(high), middle: Hexadecimal.word(middle),
            low: UInt32(truncatingIfNeeded: Hexadecimal.eightDigits(low) ?? 0))
    }

    static func == (lhs: AddressText, rhs: AddressText) -> Bool { lhs.address == rhs.address }

    func hash(into hasher: inout Hasher) { hasher.combine(address) }
}

extension Hexadecimal {
    /// The number that 16 digits spell, which are known to be digits.
    fileprivate static func word(_ text: SIMD2<UInt64>) -> UInt64 {
        (eightDigits(text[0]) ?? 0) << 32 | (eightDigits(text[1]) ?? 0)
    }

    /// The sixteen lower-case digits of a number.
    fileprivate static func text(_ number: UInt64) -> SIMD2<UInt64> {
        SIMD2(text(UInt32(truncatingIfNeeded: number >> 32)), text(UInt32(truncatingIfNeeded: number)))
    }
}
