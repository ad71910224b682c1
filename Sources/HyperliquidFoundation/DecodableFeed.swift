// The core does without Foundation (docs/decisions/0005-no-foundation.md); this product is for programs that have it.
public import Foundation
public import HyperliquidWire

/// A feed whose events Foundation's `JSONDecoder` reads: a feed of your own in a few lines.
///
/// ```swift
/// import HyperliquidFoundation
///
/// struct MarketStatusFeed: DecodableFeed {
///     struct Event: Decodable, Sendable { let coin: String, isHalted: Bool }
///
///     let coin: Coin
///     var request: FeedRequest { FeedRequest(type: "marketStatus", fields: [("coin", .string(coin.name))]) }
/// }
/// ```
///
/// It is subscribed to with `client.subscribe(to: .feed(MarketStatusFeed(coin: "BTC")))`, and tested with
/// `Feed/event(from:)`.
///
/// `JSONDecoder` takes many times longer than a `Feed` that reads its messages itself.
public protocol DecodableFeed: Feed where Event: Decodable, Memory == NoMemory {
    /// The decoder of the events: one with the default settings by default.
    static var decoder: JSONDecoder { get }
}

extension DecodableFeed {
    /// A decoder with the default settings.
    public static var decoder: JSONDecoder { JSONDecoder() }

    /// The cautious traits of a feed of which nothing is known: its channel has the name of the type, its messages do not
    /// say to which subscription they belong, and every message is kept. Declare `FeedTraits` of your own to share a
    /// connection.
    public var traits: FeedTraits {
        FeedTraits(
            request.user == nil ? .dedicated : .userGrouped, channel: request.type, snapshot: .none,
            delivery: .buffered)
    }

    /// Decodes the value of `data` with ``decoder``.
    /// - Throws: `DecodingFault` with the path of the field at which the decoder has failed.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Event> {
        let start = reader.byteOffset
        let bytes = try reader.readRaw()
        try reader.finish()
        do {
            return .update(try decoder.decode(Event.self, from: Data(bytes)))
        } catch let error as DecodingError {
            throw DecodingFault(error, at: start)
        } catch {
            throw DecodingFault(.unexpectedType, at: start)
        }
    }
}

extension DecodingFault {
    /// The fault at a byte for which a decoder threw an error.
    fileprivate init(_ error: DecodingError, at start: Int) {
        var (code, path): (Code, [any CodingKey]) = (.unexpectedType, [])
        switch error {
        case .keyNotFound(let key, let context): (code, path) = (.missingField, context.codingPath + [key])
        case .valueNotFound(_, let context): (code, path) = (.missingField, context.codingPath)
        case .typeMismatch(_, let context), .dataCorrupted(let context): path = context.codingPath
        @unknown default: break
        }
        let fields = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
        self.init(code, at: start, path: "data" + fields.joined())
    }
}
