/// The kind of a message, known before its data are read.
///
/// Public, as are the other types that route a message, only for the compiler: with `package` access the client's code
/// called their comparisons instead of inlining them, 700 instead of 530 instructions per routed message.
@_documentation(visibility: internal)
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
    /// Not JSON: some servers greet with plain text.
    case notJSON
    /// JSON, but no known envelope.
    case unknown
}

/// The name of a channel as a key that is cheap to compare. Exact up to 31 bytes.
@_documentation(visibility: internal)
public struct ChannelKey: Hashable, Sendable {
    private static let maximumByteCount = 31

    /// The first 31 bytes, and the byte count in the last byte.
    ///
    /// Stored as plain words, like those of ``RouteKey``: other modules compare keys for each message, and the
    /// comparison of a type that they do not see would be a call.
    private let words: SIMD4<UInt64>

    @inline(__always) fileprivate init(_ name: ShortWord) {
        words = SIMD4(name.low, name.high, 0, UInt64(truncatingIfNeeded: name.byteCount) &<< 56)
    }

    fileprivate init(_ reader: borrowing MessageReader, _ range: Range<Int>) {
        self.init(
            InlineString32(reader, at: range.lowerBound, byteCount: min(range.count, Self.maximumByteCount)),
            byteCount: range.count)
    }

    private init(_ name: InlineString32, byteCount: Int) {
        var words = name.words
        words[3] |= UInt64(min(byteCount, 255)) << 56
        self.words = words
    }

    /// The name's length in bytes, up to 255.
    @inline(__always) fileprivate var byteCount: Int { Int(truncatingIfNeeded: words[3] &>> 56) }

    /// The key of the channel `name`.
    public init(_ name: String) {
        self.init(InlineString32(name.utf8.prefix(Self.maximumByteCount)), byteCount: name.utf8.count)
    }

    /// The name, cut off after 31 bytes.
    public var name: String { InlineString32(words: words).text(byteCount: min(byteCount, Self.maximumByteCount)) }
}

/// The channel of a message.
@_documentation(visibility: internal)
public struct Envelope: Sendable {
    /// The kind of the message.
    public let kind: MessageKind
    /// The name of the channel.
    public let channel: ChannelKey
}

extension MessageReader {
    /// Reads the envelope and moves to the value of `data`, wherever it stands.
    ///
    /// The venue's usual form, `{"channel":"…","data":…}`, is tried first. A bare array belongs to the explorer.
    @_documentation(visibility: internal)
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

    /// Reads a long name, another order or white space.
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
            // Not well-formed as a whole. The fields before the fault still identify the message.
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

    /// Recognises the explorer's messages, which have no channel, by the fields of their elements (docs/protocol.md,
    /// "Explorer feeds").
    private mutating func readBareArray() -> Envelope {
        let start = cursor
        var channel = ChannelKey("")
        do throws(DecodingFault) {
            var array = try beginArray()
            if try nextElement(&array) {
                var object = try beginObject()
                // Decided by the first field that only one of the two has; `hash` is in both.
                while channel == ChannelKey(""), let key = try nextKey(&object) {
                    switch key {
                    case "blockTime", "height", "numTxs", "proposer": channel = .explorerBlock
                    case "action", "block", "error", "time", "user": channel = .explorerTxs
                    default: try skipValue()
                    }
                }
            }
        } catch {
            // The decoder finds the same fault and reports it, if the channel was recognised before it.
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
