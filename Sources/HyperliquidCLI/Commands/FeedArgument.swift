internal import ArgumentParser
internal import Hyperliquid

/// A feed as written on the command line: `trades:BTC`, `l2Book:BTC,nSigFigs=5`, or the exchange's JSON object.
struct FeedArgument {
    /// A feed of the catalogue, or one of an unknown type.
    enum Kind {
        case catalogue(any CatalogueFeed)
        case raw(RawFeed)
    }

    let kind: Kind
    /// The request as it was given, as a JSON object with the exchange's names.
    let shown: [UInt8]
    /// The text on the command line.
    let text: String

    init(_ text: String) throws(FeedParameterError) {
        self.text = text
        let (type, fields) = text.hasPrefix("{") ? try Self.json(text) : try Self.words(text)
        if text.hasPrefix("{"), FeedCatalogue.feed(ofType: type) == nil, FeedCatalogue.refused[type] == nil {
            let raw = RawFeed(type: type, fields: fields)
            try raw.validate()
            kind = .raw(raw)
        } else {
            kind = .catalogue(try FeedCatalogue.makeFeed(type: type, parameters: fields))
        }
        shown = text.hasPrefix("{") ? Self.shown(type, fields) : Self.shown(kind, given: fields)
    }

    var feed: any Feed {
        switch kind {
        case .catalogue(let feed): feed
        case .raw(let feed): feed
        }
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
        let request: FeedRequest =
            switch kind {
            case .catalogue(let feed): feed.request
            case .raw(let feed): feed.request
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
    private static func mainParameter(of type: String) -> String? {
        guard let feed = FeedCatalogue.feed(ofType: type) else { return "coin" }
        let names = feed.descriptor.parameters.map(\.name)
        return ["user", "coin", "dex"].first { names.contains($0) }
    }

    /// What a shell offers: the feed types.
    static var completion: CompletionKind { .list(FeedCatalogue.feeds.map { $0.descriptor.type }) }

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
