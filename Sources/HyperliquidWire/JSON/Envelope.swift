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
    private static let maximumByteCount = 31

    /// The first 31 bytes, and the byte count in the last byte.
    private let inline: InlineString32

    @inline(__always) fileprivate init(_ name: ShortWord) {
        inline = InlineString32(
            words: SIMD4(name.low, name.high, 0, UInt64(truncatingIfNeeded: name.byteCount) &<< 56))
    }

    fileprivate init(_ reader: borrowing MessageReader, _ range: Range<Int>) {
        self.init(
            InlineString32(reader, at: range.lowerBound, byteCount: min(range.count, Self.maximumByteCount)),
            byteCount: range.count)
    }

    private init(_ name: InlineString32, byteCount: Int) {
        var name = name
        name.words[3] |= UInt64(min(byteCount, 255)) << 56
        inline = name
    }

    /// The name's length in bytes, up to 255.
    @inline(__always) fileprivate var byteCount: Int { Int(truncatingIfNeeded: inline.words[3] &>> 56) }

    /// The key of a channel by its name.
    public init(_ name: String) {
        self.init(InlineString32(name.utf8.prefix(Self.maximumByteCount)), byteCount: name.utf8.count)
    }

    /// The name, cut off after 31 bytes.
    public var name: String { inline.text(byteCount: min(byteCount, Self.maximumByteCount)) }
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
            let channel = ChannelKey(self, range)
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
        switch channel.byteCount {
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
