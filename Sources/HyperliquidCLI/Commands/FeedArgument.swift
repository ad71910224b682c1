internal import ArgumentParser
internal import Hyperliquid

/// A feed as written on the command line: `trades:BTC`, `l2Book:BTC,nSigFigs=5`, or the exchange's JSON object; or a feed
/// of every coin that has a pattern: `bbo:*`, `trades:xyz:*`.
struct FeedArgument {
    enum Kind {
        /// A feed of the catalogue.
        case catalogue(any CatalogueFeed)
        /// A feed of an unknown type.
        case raw(RawFeed)
        /// A feed of every coin that has a pattern.
        case each(CoinPattern)
    }

    let kind: Kind
    /// The request as it was given, as a JSON object with the exchange's names.
    let shown: [UInt8]
    /// The text on the command line.
    let text: String

    init(_ text: String) throws(FeedParameterError) {
        let (type, fields) = text.hasPrefix("{") ? try Self.json(text) : try Self.words(text)
        try self.init(text, type, fields)
    }

    /// Makes an argument that is already split into a type and fields.
    init(_ text: String, _ type: String, _ fields: [(String, FeedRequest.Value)]) throws(FeedParameterError) {
        self.text = text
        let isJSON = text.hasPrefix("{")
        if let pattern = CoinPattern(type, fields) {
            // What is wrong beside the coin is wrong for every coin.
            _ = try pattern.argument(for: "BTC", named: "BTC", in: text)
            kind = .each(pattern)
        } else if isJSON, FeedCatalogue.feed(ofType: type) == nil, FeedCatalogue.refused[type] == nil {
            let raw = RawFeed(type: type, fields: fields)
            try raw.validate()
            kind = .raw(raw)
        } else {
            kind = .catalogue(try FeedCatalogue.makeFeed(type: type, parameters: fields))
        }
        shown = isJSON ? Self.shown(type, fields) : Self.shown(kind, given: fields)
    }

    /// The feed; `nil` if it is one of every coin that has a pattern.
    var feed: (any Feed)? {
        switch kind {
        case .catalogue(let feed): feed
        case .raw(let feed): feed
        case .each: nil
        }
    }

    /// The arguments of single feeds: of every listed coin that has the pattern, or this one.
    func expanded(in universe: Universe) throws(FeedParameterError) -> [FeedArgument] {
        guard case .each(let pattern) = kind else { return [self] }
        var arguments: [FeedArgument] = []
        for market in universe.markets(pattern.filter) {
            arguments.append(try pattern.argument(for: market.coin, named: market.name, in: text))
        }
        guard !arguments.isEmpty else {
            throw FeedParameterError(
                parameter: "coin", problem: "no listed coin has the pattern '\(pattern.text)'",
                remedy: "look for one with 'hyperliquid coins'")
        }
        return arguments
    }

    /// A JSON object as it was given, without white space.
    private static func shown(_ type: String, _ fields: [(String, FeedRequest.Value)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", type)
        for (name, value) in fields { writer.field(name, value) }
        writer.endObject()
        return writer.bytes
    }

    /// The canonical request, but with the user as it was given.
    private static func shown(_ kind: Kind, given: [(String, FeedRequest.Value)]) -> [UInt8] {
        let request: FeedRequest
        switch kind {
        case .catalogue(let feed): request = feed.request
        case .raw(let feed): request = feed.request
        case .each: return []
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", request.type)
        for field in request.fields {
            writer.key(field.name)
            let value = field.name == "user" ? given.last { $0.0 == "user" }?.1 ?? field.value : field.value
            writer.value(value)
        }
        writer.endObject()
        return writer.bytes
    }

    private static func json(_ text: String) throws(FeedParameterError) -> (String, [(String, FeedRequest.Value)]) {
        do throws(DecodingFault) {
            var type: String?
            var fields: [(String, FeedRequest.Value)] = []
            for (name, json) in try MessageReader.readFields(Array(text.utf8)) {
                guard let value = try FeedRequest.Value(json: json) else { throw DecodingFault(.unexpectedType, at: 0) }
                if name != "type" {
                    fields.append((name, value))
                } else if case .string(let name) = value {
                    type = name
                }
            }
            guard let type else { throw DecodingFault(.missingField, at: 0) }
            return (type, fields)
        } catch {
            throw FeedParameterError(
                parameter: "feed", problem: "'\(text)' is not a subscription object (\(error))",
                remedy: #"write for example {"type":"trades","coin":"BTC"}"#)
        }
    }

    /// Splits the text of a feed: the type stands before the first colon, the main parameter and then the others, as
    /// `name=value`, after it.
    private static func words(_ text: String) throws(FeedParameterError) -> (String, [(String, FeedRequest.Value)]) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let type = String(parts[0])
        guard parts.count > 1 else { return (type, []) }
        var fields: [(String, FeedRequest.Value)] = []
        for (index, word) in parts[1].split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 {
                fields.append((String(pair[0]), .string(String(pair[1]))))
            } else if index == 0, let name = mainParameter(of: type) {
                fields.append((name, .string(String(word))))
            } else {
                throw FeedParameterError(
                    parameter: "feed", problem: "'\(word)' in '\(text)' is not of the form name=value",
                    remedy: "write for example l2Book:BTC,nSigFigs=5")
            }
        }
        return (type, fields)
    }

    /// The parameter that needs no name: the user if the feed has one, else the coin, else the dex.
    static func mainParameter(of type: String) -> String? {
        guard let feed = FeedCatalogue.feed(ofType: type) else { return "coin" }
        let names = feed.descriptor.parameters.map(\.name)
        return ["user", "coin", "dex"].first { names.contains($0) }
    }

    /// Parses all arguments. The error for the first invalid one says what would be valid.
    static func parse(_ texts: [String]) throws -> [FeedArgument] {
        try texts.map { text in
            do throws(FeedParameterError) {
                return try FeedArgument(text)
            } catch {
                throw ValidationError("'\(text)': \(error)")
            }
        }
    }
}

/// A feed of every listed coin that has a pattern, as in `bbo:*`, `trades:xyz:*` and `l2Book:@*,nSigFigs=5`.
struct CoinPattern {
    /// The pattern, in which `*` stands for any letters.
    let text: String
    private let type: String
    private let fields: [(String, FeedRequest.Value)]

    /// Returns `nil` if the coin has no `*`.
    init?(_ type: String, _ fields: [(String, FeedRequest.Value)]) {
        guard case .string(let coin)? = fields.last(where: { $0.0 == "coin" })?.1, coin.contains("*") else {
            return nil
        }
        text = coin
        self.type = type
        self.fields = fields
    }

    /// The coins that have the pattern.
    var filter: MarketFilter { .matching(text) }

    /// The argument of one coin's feed: its text has the coin's readable name in the place of the pattern.
    func argument(for coin: Coin, named name: String, in text: String) throws(FeedParameterError) -> FeedArgument {
        let fields = fields.map { ($0.0, $0.0 == "coin" ? .string(coin.name) : $0.1) }
        return try FeedArgument(text.replacing(self.text, with: name, maxReplacements: 1), type, fields)
    }
}

/// What a shell offers for a feed: the types, and behind a type's colon the coins of the network as they were last seen.
enum FeedCompletion {
    static let kind = CompletionKind.custom { words, index, prefix in
        let offered = offers(words, at: index, prefix: prefix)
        // zsh takes what stands behind a bare colon for a description.
        return CompletionShell.requesting == .zsh ? offered.map { $0.replacing(":", with: "\\:") } : offered
    }

    /// - Parameters:
    ///   - words: The words of the command line. bash makes words of their own of the colons.
    ///   - index: The index of the word that is completed.
    ///   - prefix: What of this word stands before the cursor.
    static func offers(_ words: [String], at index: Int, prefix: String) -> [String] {
        guard words.indices.contains(index) else { return [] }
        var start = index
        while start > 0, words[start] == ":" || words[start - 1] == ":" { start -= 1 }
        // The shell replaces the last of these words, or puts what is offered behind a colon.
        let before = words[start..<index].joined() + (prefix == ":" ? ":" : "")
        let typed = words[start..<index].joined() + prefix
        return offers(for: typed, KnownCoins.notedNames(of: network(words))).map { String($0.dropFirst(before.count)) }
    }

    private static func offers(for typed: String, _ coins: [String]) -> [String] {
        guard let colon = typed.firstIndex(of: ":") else {
            return FeedCatalogue.feeds.map { $0.descriptor.type }.filter { $0.hasPrefix(typed) }
        }
        let type = String(typed[..<colon])
        guard FeedArgument.mainParameter(of: type) == "coin" else { return [] }
        return coins.map { "\(type):\($0)" }.filter { $0.hasPrefix(typed) }
    }

    /// The name under which the coins of the network are kept that a command line chooses: the main network if it
    /// chooses none.
    private static func network(_ words: [String]) -> String {
        for (word, value) in zip(words, words.dropFirst()) {
            if word == "--network" || word == "--url" { return value }
            if word == "--simulator" { return "simulator" }
        }
        return "mainnet"
    }
}
