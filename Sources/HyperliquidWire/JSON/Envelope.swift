/// The kind of a message, known before its data are read.
///
/// This type and the others that route a message are public only for the compiler: with `package` access, the client's
/// code called their comparisons instead of inlining them, which took 700 instead of 530 instructions per message.
@_documentation(visibility: internal)
public enum _MessageKind: Hashable, Sendable {
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
public struct _ChannelKey: Hashable, Sendable {
    private static let maximumByteCount = 31

    /// The first 31 bytes, and the byte count in the last byte.
    ///
    /// Stored as plain words, like those of ``_RouteKey``: other modules compare keys for each message, and the
    /// comparison of a type that they do not see would be a call.
    private let words: SIMD4<UInt64>

    @inline(__always) fileprivate init(_ name: ShortWord) {
        words = SIMD4(name.low, name.high, 0, UInt64(truncatingIfNeeded: name.byteCount) &<< 56)
    }

    init(_ reader: borrowing MessageReader, _ range: Range<Int>) {
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
public struct _Envelope: Sendable {
    /// The kind of the message.
    public let kind: _MessageKind
    /// The name of the channel.
    public let channel: _ChannelKey
}

extension MessageReader {
    /// Reads the envelope and moves to the value of `data`, wherever it stands.
    ///
    /// The venue's usual form, `{"channel":"…","data":…}`, is tried first. A bare array belongs to the explorer.
    @_documentation(visibility: internal)
    public mutating func _readEnvelope() -> _Envelope {
        let channel = fast { (reader: inout FastPathReader) -> _ChannelKey? in
            guard reader.take(#"{"channel":""#), let name = reader.shortWord(), reader.take(#"","data":"#) else {
                return nil
            }
            return _ChannelKey(name)
        }
        guard let channel else { return readEnvelopeSlowly() }
        depth = 1
        return _Envelope(kind: kind(of: channel), channel: channel)
    }

    /// Reads a long name, another order or white space.
    private mutating func readEnvelopeSlowly() -> _Envelope {
        if consume(#"{"channel":"#), let range = scanPlainString() {
            let channel = _ChannelKey(self, range)
            if consume(#","data":"#) {
                depth = 1
                return _Envelope(kind: kind(of: channel), channel: channel)
            }
        }
        cursor = 0
        switch nextByte() {
        case UInt8(ascii: "{"): return readEnvelopeInAnyOrder()
        case UInt8(ascii: "["): return readBareArray()
        default: return _Envelope(kind: .notJSON, channel: _ChannelKey(""))
        }
    }

    @inline(__always) private func kind(of channel: _ChannelKey) -> _MessageKind {
        switch channel.byteCount {
        case 4, 5, 20: namedKind(of: channel)
        default: .data
        }
    }

    private func namedKind(of channel: _ChannelKey) -> _MessageKind {
        if channel == .subscriptionResponse { return .subscriptionResponse }
        if channel == .error { return .error }
        if channel == .post { return .post }
        return channel == .pong ? .pong : .data
    }

    private mutating func readEnvelopeInAnyOrder() -> _Envelope {
        var channel: _ChannelKey?
        var dataOffset: Int?
        do throws(DecodingFault) {
            var object = try beginObject()
            while let key = try nextKey(&object) {
                switch key {
                case "channel": channel = _ChannelKey(try readString())
                case "data":
                    _ = nextByte()
                    dataOffset = cursor
                    try skipValue()
                default: try skipUnknown()
                }
            }
            guard nextByte() == nil || allowsFollowing else {
                return _Envelope(kind: .unknown, channel: _ChannelKey(""))
            }
            checkedEnd = cursor
        } catch {
            // The message is not well-formed as a whole. The fields before the fault still identify the message.
            isChecked = false
            guard let channel, let dataOffset else {
                return _Envelope(kind: channel == nil ? .notJSON : .unknown, channel: channel ?? _ChannelKey(""))
            }
            return enter(dataOffset, channel)
        }
        isChecked = true
        guard let channel else { return _Envelope(kind: .unknown, channel: _ChannelKey("")) }
        guard let dataOffset else {
            return _Envelope(kind: channel == .pong ? .pong : .unknown, channel: channel)
        }
        return enter(dataOffset, channel)
    }

    private mutating func enter(_ dataOffset: Int, _ channel: _ChannelKey) -> _Envelope {
        cursor = dataOffset
        depth = 1
        return _Envelope(kind: kind(of: channel), channel: channel)
    }

    /// Recognises the explorer's messages, which have no channel, by the fields of their elements (docs/protocol.md,
    /// "Explorer feeds").
    private mutating func readBareArray() -> _Envelope {
        let start = cursor
        var channel = _ChannelKey("")
        do throws(DecodingFault) {
            var array = try beginArray()
            if try nextElement(&array) {
                var object = try beginObject()
                // The first field that only one of the two types has decides the channel; `hash` is in both.
                while channel == _ChannelKey(""), let key = try nextKey(&object) {
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
        return _Envelope(kind: channel == _ChannelKey("") ? .unknown : .data, channel: channel)
    }
}

extension _ChannelKey {
    /// The channel of acknowledgements.
    public static let subscriptionResponse = _ChannelKey("subscriptionResponse")
    /// The channel of error texts.
    public static let error = _ChannelKey("error")
    /// The channel of answers to posts.
    public static let post = _ChannelKey("post")
    /// The channel of answers to pings.
    public static let pong = _ChannelKey("pong")
    /// The explorer's blocks, which come as bare arrays.
    public static let explorerBlock = _ChannelKey("explorerBlock")
    /// The explorer's transactions, which come as bare arrays.
    public static let explorerTxs = _ChannelKey("explorerTxs")
}
