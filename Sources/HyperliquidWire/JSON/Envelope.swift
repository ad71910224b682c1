/// What a message from the venue is, before its data are read.
public enum MessageKind: Hashable, Sendable {
    /// Data on a channel.
    case data
    /// The acknowledgement of a subscribe or unsubscribe.
    case subscriptionResponse
    /// The answer to a ping.
    case pong
    /// An error text.
    case error
    /// The answer to a post.
    case post
    /// Not JSON: some servers greet with a bare text.
    case notJSON
    /// JSON, but no envelope that is known.
    case unknown
}

/// A channel's name, as a key that is cheap to compare: exact up to 31 bytes.
public struct ChannelKey: Hashable, Sendable {
    let words: SIMD4<UInt64>

    init(words: SIMD4<UInt64>) { self.words = words }

    init(_ name: PackedWord) {
        words = SIMD4(name.low, name.high, 0, UInt64(truncatingIfNeeded: name.count) &<< 56)
    }

    /// The name's length in bytes, up to 255.
    var count: Int { Int(truncatingIfNeeded: words[3] &>> 56) }

    /// The key of a channel by its name.
    public init(_ name: String) {
        var words = SIMD4<UInt64>()
        for (index, byte) in name.utf8.prefix(31).enumerated() {
            words[index >> 3] |= UInt64(byte) << UInt64(8 * (index & 7))
        }
        words[3] |= UInt64(min(name.utf8.count, 255)) << 56
        self.words = words
    }

    /// The name; cut at 31 bytes.
    public var name: String {
        let bytes = (0..<min(31, Int(words[3] >> 56))).map {
            UInt8(truncatingIfNeeded: words[$0 >> 3] >> UInt64(8 * ($0 & 7)))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A message's channel, with the reader left at the value of its data.
public struct Envelope: Sendable {
    /// What the message is.
    public let kind: MessageKind
    /// The channel's name.
    public let channel: ChannelKey
}

extension MessageReader {
    /// Reads the envelope and moves to the value of `data`, wherever it stands.
    ///
    /// The venue writes `{"channel":"…","data":…}`; that is tried first. A bare array is the explorer's.
    public mutating func readEnvelope() -> Envelope {
        let channel = fast { (reader: inout FastPathReader) -> ChannelKey? in
            guard reader.take(#"{"channel":""#), let name = reader.shortWord(), reader.take(#"","data":"#) else {
                return nil
            }
            return ChannelKey(name)
        }
        guard let channel else { return readEnvelopeSlowly() }
        depth = 1
        return Envelope(kind: kind(of: channel), channel: channel)
    }

    /// By the plain rules: a long name, another order or spacing.
    private mutating func readEnvelopeSlowly() -> Envelope {
        if consume(#"{"channel":"#), let range = scanPlainString() {
            let channel = channelKey(range)
            if consume(#","data":"#) {
                depth = 1
                return Envelope(kind: kind(of: channel), channel: channel)
            }
        }
        cursor = 0
        switch nextByte() {
        case UInt8(ascii: "{"): return readEnvelopeInAnyOrder()
        case UInt8(ascii: "["): return readBareArray()
        default: return Envelope(kind: .notJSON, channel: ChannelKey(""))
        }
    }

    @inline(__always) private func kind(of channel: ChannelKey) -> MessageKind {
        switch channel.count {
        case 4, 5, 20: namedKind(of: channel)
        default: .data
        }
    }

    private func namedKind(of channel: ChannelKey) -> MessageKind {
        if channel == .subscriptionResponse { return .subscriptionResponse }
        if channel == .error { return .error }
        if channel == .post { return .post }
        return channel == .pong ? .pong : .data
    }

    private func channelKey(_ range: Range<Int>) -> ChannelKey {
        var words = SIMD4<UInt64>()
        let count = min(range.count, 31)
        for index in 0..<4 where index * 8 < count {
            words[index] = partialWord(at: range.lowerBound + index * 8, count: min(8, count - index * 8))
        }
        words[3] |= UInt64(min(range.count, 255)) << 56
        return ChannelKey(words: words)
    }

    private mutating func readEnvelopeInAnyOrder() -> Envelope {
        var channel: ChannelKey?
        var dataOffset: Int?
        do throws(DecodingFault) {
            var object = try beginObject()
            while let key = try nextKey(&object) {
                switch key {
                case "channel": channel = ChannelKey(try readString())
                case "data":
                    _ = nextByte()
                    dataOffset = cursor
                    try skipValue()
                default: try skipUnknown()
                }
            }
            guard nextByte() == nil else { return Envelope(kind: .unknown, channel: ChannelKey("")) }
        } catch {
            // Not well-formed as a whole; what was found before the fault still tells whose message it is.
            isChecked = false
            guard let channel, let dataOffset else {
                return Envelope(kind: channel == nil ? .notJSON : .unknown, channel: channel ?? ChannelKey(""))
            }
            return enter(dataOffset, channel)
        }
        isChecked = true
        guard let channel else { return Envelope(kind: .unknown, channel: ChannelKey("")) }
        guard let dataOffset else {
            return Envelope(kind: channel == .pong ? .pong : .unknown, channel: channel)
        }
        return enter(dataOffset, channel)
    }

    private mutating func enter(_ dataOffset: Int, _ channel: ChannelKey) -> Envelope {
        cursor = dataOffset
        depth = 1
        return Envelope(kind: kind(of: channel), channel: channel)
    }

    /// The explorer's messages carry no channel: their elements' fields tell (docs/protocol.md, "Explorer feeds").
    private mutating func readBareArray() -> Envelope {
        let start = cursor
        var channel = ChannelKey("")
        do throws(DecodingFault) {
            var array = try beginArray()
            if try nextElement(&array) {
                var object = try beginObject()
                // The first field that only one of them has tells; `hash` is in both.
                while channel == ChannelKey(""), let key = try nextKey(&object) {
                    switch key {
                    case "blockTime", "height", "numTxs", "proposer": channel = .explorerBlock
                    case "action", "block", "error", "time", "user": channel = .explorerTxs
                    default: try skipValue()
                    }
                }
            }
        } catch {
            // The decoder meets the same fault and reports it, if the shape was told before it.
        }
        cursor = start
        depth = 0
        isChecked = false
        isBare = true
        return Envelope(kind: channel == ChannelKey("") ? .unknown : .data, channel: channel)
    }
}

extension ChannelKey {
    /// The channel of acknowledgements.
    public static let subscriptionResponse = ChannelKey("subscriptionResponse")
    /// The channel of error texts.
    public static let error = ChannelKey("error")
    /// The channel of answers to posts.
    public static let post = ChannelKey("post")
    /// The channel of answers to pings.
    public static let pong = ChannelKey("pong")
    /// The explorer's blocks, which come as bare arrays.
    public static let explorerBlock = ChannelKey("explorerBlock")
    /// The explorer's transactions, which come as bare arrays.
    public static let explorerTxs = ChannelKey("explorerTxs")
}
