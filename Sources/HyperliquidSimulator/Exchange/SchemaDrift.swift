internal import HyperliquidWire

/// Additions that the venue may make without notice: keys, words and channels that no client knows yet
/// (docs/protocol.md, "R30").
struct SchemaDrift: Hashable, Sendable {
    /// The share of messages with an addition, per million.
    private let perMillion: Int64

    /// - Parameter share: The share of messages with an addition, from 0 to 1.
    init(share: Double) { perMillion = Int64(min(max(share, 0), 1) * 1_000_000) }

    /// Draws the addition to one message; `nil` for none. A share of 0 takes nothing from the generator.
    func draw(from generator: inout SplitMix64) -> Addition? {
        guard perMillion > 0, generator.below(1_000_000) < perMillion else { return nil }
        return [.envelopeKey, .dataKey, .word, .channel][Int(generator.below(4))]
    }

    /// One addition.
    enum Addition: Hashable, Sendable {
        /// An unknown key beside `channel` and `data`.
        case envelopeKey
        /// An unknown key in the data.
        case dataKey
        /// An unknown word of an open set, such as an order status.
        case word
        /// A message on an unknown channel, before this one.
        case channel
    }
}

extension SchemaDrift.Addition {
    /// A message on a channel that no client has asked for; `nil` for the other additions.
    var extraMessage: [UInt8]? {
        self == .channel ? Array(#"{"channel":"futureChannel","data":{"answer":42,"list":[null,"x"]}}"#.utf8) : nil
    }

    /// The message with the addition; unchanged if the addition does not fit in anywhere.
    func applied(to message: [UInt8]) -> [UInt8] {
        switch self {
        case .channel: message
        case .envelopeKey: Self.inserting(#""futureKey":{"a":[1,null]},"#, after: "{", in: message)
        case .dataKey:
            Self.inserting(
                #""futureField":["x",{"y":-1.5}],"#, after: message.first == UInt8(ascii: "[") ? "[{" : #""data":{"#,
                in: message)
        case .word: Self.unknownWords.reduce(message) { Self.replacing($1.known, by: $1.unknown, in: $0) }
        }
    }

    /// Words of open sets, each with one that no client knows.
    private static let unknownWords: [(known: String, unknown: String)] = [
        (#""dir":"Open Long""#, #""dir":"Sideways""#), (#""orderType":"Limit""#, #""orderType":"Iceberg""#),
        (#""status":"canceled""#, #""status":"solarFlareCanceled""#), (#""tif":"Gtc""#, #""tif":"Gtd""#),
        (#""type":"deposit""#, #""type":"airdrop""#), (#"{"status":"finished""#, #"{"status":"paused""#),
    ]

    private static func inserting(_ addition: String, after prefix: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: prefix, in: message) else { return message }
        let split = index + prefix.utf8.count
        return message[..<split] + Array(addition.utf8) + message[split...]
    }

    private static func replacing(_ known: String, by unknown: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: known, in: message) else { return message }
        return message[..<index] + Array(unknown.utf8) + message[(index + known.utf8.count)...]
    }

    private static func index(of text: String, in message: [UInt8]) -> Int? {
        let pattern = Array(text.utf8)
        guard message.count >= pattern.count else { return nil }
        return (0...message.count - pattern.count).first { message[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
