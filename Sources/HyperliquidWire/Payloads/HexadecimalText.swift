/// The 64 lower-case digits of a hash as the venue writes them: checked, and made a number when somebody asks.
///
/// To make the numbers of a trade's hash and users took two thirds of the instructions of reading a trade, and few
/// who follow trades look at them.
struct HashText: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the digits that stand at `start`; nothing when they are others, or upper-case, or end too soon.
    @inline(__always) init?(_ reader: borrowing StraightReader, at start: Int) {
        guard reader.hasWords(8, at: start) else { return nil }
        words = (
            reader.word(at: start), reader.word(at: start &+ 8), reader.word(at: start &+ 16),
            reader.word(at: start &+ 24), reader.word(at: start &+ 32), reader.word(at: start &+ 40),
            reader.word(at: start &+ 48), reader.word(at: start &+ 56)
        )
        let faults =
            Hexadecimal.faults(in: words.0) | Hexadecimal.faults(in: words.1) | Hexadecimal.faults(in: words.2)
            | Hexadecimal.faults(in: words.3) | Hexadecimal.faults(in: words.4) | Hexadecimal.faults(in: words.5)
            | Hexadecimal.faults(in: words.6) | Hexadecimal.faults(in: words.7)
        guard !Hexadecimal.hasFault(faults) else { return nil }
    }

    init(_ hash: TransactionHash) {
        let parts = hash.words.flatMap { [UInt32(truncatingIfNeeded: $0 >> 32), UInt32(truncatingIfNeeded: $0)] }
        let text = parts.map { Hexadecimal.text($0) }
        words = (text[0], text[1], text[2], text[3], text[4], text[5], text[6], text[7])
    }

    var hash: TransactionHash {
        TransactionHash(
            Hexadecimal.word(words.0, words.1), Hexadecimal.word(words.2, words.3),
            Hexadecimal.word(words.4, words.5), Hexadecimal.word(words.6, words.7))
    }

    static func == (lhs: HashText, rhs: HashText) -> Bool { lhs.hash == rhs.hash }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// The 40 lower-case digits of an address, in the same way.
struct AddressText: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the digits that stand at `start`; nothing when they are others, or upper-case, or end too soon.
    @inline(__always) init?(_ reader: borrowing StraightReader, at start: Int) {
        guard reader.hasWords(5, at: start) else { return nil }
        words = (
            reader.word(at: start), reader.word(at: start &+ 8), reader.word(at: start &+ 16),
            reader.word(at: start &+ 24), reader.word(at: start &+ 32)
        )
        let faults =
            Hexadecimal.faults(in: words.0) | Hexadecimal.faults(in: words.1) | Hexadecimal.faults(in: words.2)
            | Hexadecimal.faults(in: words.3) | Hexadecimal.faults(in: words.4)
        guard !Hexadecimal.hasFault(faults) else { return nil }
    }

    init(_ address: Address) {
        words = (
            Hexadecimal.text(UInt32(truncatingIfNeeded: address.high >> 32)),
            Hexadecimal.text(UInt32(truncatingIfNeeded: address.high)),
            Hexadecimal.text(UInt32(truncatingIfNeeded: address.middle >> 32)),
            Hexadecimal.text(UInt32(truncatingIfNeeded: address.middle)), Hexadecimal.text(address.low)
        )
    }

    var address: Address {
        Address(
            high: Hexadecimal.word(words.0, words.1), middle: Hexadecimal.word(words.2, words.3),
            low: UInt32(truncatingIfNeeded: Hexadecimal.eightDigits(words.4) ?? 0))
    }

    static func == (lhs: AddressText, rhs: AddressText) -> Bool { lhs.address == rhs.address }

    func hash(into hasher: inout Hasher) { hasher.combine(address) }
}

extension Hexadecimal {
    /// The number that 16 digits spell, which are known to be digits.
    fileprivate static func word(_ upper: UInt64, _ lower: UInt64) -> UInt64 {
        (eightDigits(upper) ?? 0) << 32 | (eightDigits(lower) ?? 0)
    }
}
