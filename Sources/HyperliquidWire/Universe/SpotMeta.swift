/// The spot pairs and their tokens (`/info` `spotMeta`).
///
/// Source: docs/protocol.md, "Info requests".
public struct SpotMeta: Hashable, Sendable {
    /// One spot pair.
    public struct Pair: Hashable, Sendable {
        /// The coin, as the venue's messages spell it: `@107`, or `PURR/USDC` for the few canonical pairs.
        public let coin: Coin
        /// The indices of the base token and of the quote token.
        public let tokens: [Int]
        /// The fields that this version does not know.
        public let others: [RawField]

        /// Creates a pair.
        public init(coin: Coin, tokens: [Int], others: [RawField] = []) {
            self.coin = coin
            self.tokens = tokens
            self.others = others
        }
    }

    /// One token.
    public struct Token: Hashable, Sendable {
        /// The name, for example `HYPE`. Several tokens may have the same one.
        public let name: String
        /// The index by which pairs name it.
        public let index: Int
        /// The number of decimals of sizes.
        public let sizeDecimals: Int
        /// The fields that this version does not know.
        public let others: [RawField]

        /// Creates a token.
        public init(name: String, index: Int, sizeDecimals: Int, others: [RawField] = []) {
            self.name = name
            self.index = index
            self.sizeDecimals = sizeDecimals
            self.others = others
        }
    }

    /// The pairs.
    public let pairs: [Pair]
    /// The tokens.
    public let tokens: [Token]

    /// Creates the pairs and their tokens.
    public init(pairs: [Pair], tokens: [Token]) {
        self.pairs = pairs
        self.tokens = tokens
    }
}

extension SpotMeta: VenueValue {
    /// Reads the value, written as the venue does. An answer without pairs or without tokens has none.
    /// - Throws: ``DecodingFault`` if a field cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var pairs: [Pair] = [], tokens: [Token] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "universe": pairs = try [Pair](from: &reader)
            case "tokens": tokens = try [Token](from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.init(pairs: pairs, tokens: tokens)
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("universe", array: pairs)
        writer.field("tokens", array: tokens)
        writer.endObject()
    }
}

extension SpotMeta.Pair: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, tokens: [Int]?, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "name": coin = try reader.readCoin()
            case "tokens": tokens = try reader.readArray { (reader) throws(DecodingFault) in try reader.readInt() }
            default: others.append(try RawField(key, from: &reader))
            }
        }
        self.init(
            coin: try reader.require(coin, "name", in: object),
            tokens: try reader.require(tokens, "tokens", in: object),
            others: others)
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", coin)
        writer.field("tokens", array: tokens)
        writer.fields(others)
        writer.endObject()
    }
}

extension SpotMeta.Token: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var name: String?, index: Int?, sizeDecimals: Int?, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "name": name = try reader.readString()
            case "index": index = try reader.readInt()
            case "szDecimals": sizeDecimals = try reader.readInt()
            default: others.append(try RawField(key, from: &reader))
            }
        }
        self.init(
            name: try reader.require(name, "name", in: object), index: try reader.require(index, "index", in: object),
            sizeDecimals: try reader.require(sizeDecimals, "szDecimals", in: object), others: others)
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field("index", index)
        writer.field("szDecimals", sizeDecimals)
        writer.fields(others)
        writer.endObject()
    }
}
