internal import HyperliquidWire

/// What the venue may add without notice: keys, words and channels that no client knows yet (docs/protocol.md, "R30").
struct Strangeness: Hashable, Sendable {
    /// How many messages in a million are strange.
    let perMillion: Int64

    init(share: Double) { perMillion = Int64(min(max(share, 0), 1) * 1_000_000) }

    /// One strange thing.
    enum Addition: Hashable, Sendable {
        case envelopeKey
        case dataKey
        case word
        case channel
    }

    /// Draws what happens to a message; nothing is drawn where nothing ever happens.
    func draw(from generator: inout SplitMix64) -> Addition? {
        guard perMillion > 0, generator.below(1_000_000) < perMillion else { return nil }
        return [.envelopeKey, .dataKey, .word, .channel][Int(generator.below(4))]
    }
}

extension Strangeness.Addition {
    /// A message on a channel that nobody has asked for.
    var extraMessage: [UInt8]? {
        self == .channel ? Array(#"{"channel":"futureChannel","data":{"answer":42,"list":[null,"x"]}}"#.utf8) : nil
    }

    /// The message with the addition; one in which there is no place for it stays as it is.
    func applied(to message: [UInt8]) -> [UInt8] {
        switch self {
        case .channel: message
        case .envelopeKey: Self.inserting(#""futureKey":{"a":[1,null]},"#, after: "{", in: message)
        case .dataKey:
            Self.inserting(
                #""futureField":["x",{"y":-1.5}],"#, after: message.first == UInt8(ascii: "[") ? "[{" : #""data":{"#,
                in: message)
        case .word: Self.strangeWords.reduce(message) { Self.replacing($1.known, by: $1.strange, in: $0) }
        }
    }

    /// Words of open sets, each with one that no client knows.
    private static let strangeWords: [(known: String, strange: String)] = [
        (#""dir":"Open Long""#, #""dir":"Sideways""#), (#""orderType":"Limit""#, #""orderType":"Iceberg""#),
        (#""status":"canceled""#, #""status":"solarFlareCanceled""#), (#""tif":"Gtc""#, #""tif":"Gtd""#),
        (#""type":"deposit""#, #""type":"airdrop""#), (#"{"status":"finished""#, #"{"status":"paused""#),
    ]

    private static func inserting(_ addition: String, after place: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: place, in: message) else { return message }
        let split = index + place.utf8.count
        return message[..<split] + Array(addition.utf8) + message[split...]
    }

    private static func replacing(_ known: String, by strange: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: known, in: message) else { return message }
        return message[..<index] + Array(strange.utf8) + message[(index + known.utf8.count)...]
    }

    private static func index(of text: String, in message: [UInt8]) -> Int? {
        let pattern = Array(text.utf8)
        guard message.count >= pattern.count else { return nil }
        return (0...message.count - pattern.count).first { message[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
