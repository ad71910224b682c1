/// A value that the venue writes as one string, and that coders encode so.
protocol WordCodable: Codable {
    var word: String { get }
    /// `nil` if the word is none of this kind.
    init?(word: String)
}

extension WordCodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let value = Self(word: word) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(word)' is no \(Self.self)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}

extension Coin: WordCodable {
    var word: String { name }
    init?(word: String) { self.init(word) }
}

extension Address: WordCodable {
    var word: String { description }
    init?(word: String) {
        guard let address = try? Address(word) else { return nil }
        self = address
    }
}

extension TransactionHash: WordCodable {
    var word: String { description }
    init?(word: String) { self.init(word) }
}

extension ExactDecimal: Codable {
    /// Decodes a string, as the venue writes decimals, or a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text =
            if let text = try? container.decode(String.self) {
                text
            } else if let integer = try? container.decode(Int64.self) {
                "\(integer)"
            } else {
                "\(try container.decode(Double.self))"
            }
        guard let value = ExactDecimal(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is no decimal of up to \(Self.maximumDigitCount) digits")
        }
        self = value
    }

    /// Encodes the number as a string, as the venue does.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
