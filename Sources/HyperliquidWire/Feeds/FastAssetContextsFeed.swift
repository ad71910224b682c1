/// Mark and mid price of every coin, in compressed changes that are applied before they are handed on.
///
/// Shared; its messages carry no key; the first one is the full state. Each event is the full state too, so a late
/// subscriber needs no other. A message that cannot be read or applied makes the state invalid: it is a fault, what
/// follows is dropped, and the memory says ``FeedMemory/hasLostBase`` until the feed is asked for again.
public struct FastAssetContextsFeed: CatalogueFeed {
    /// Mark and mid price of every coin.
    public init() {}

    /// `fastAssetCtxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "fastAssetCtxs", summary: "mark and mid price of every coin, as they change",
            example: FastAssetContextsFeed())
    }

    /// Makes the feed; it has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"fastAssetCtxs"}`
    public var request: FeedRequest { FeedRequest(type: "fastAssetCtxs") }

    /// Shared, by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(.shared, channel: "fastAssetCtxs", snapshot: .firstMessage, delivery: .latest, priority: .low)
    }

    /// Inflates a message and applies it.
    public static func decode(
        _ reader: inout MessageReader, memory: inout FastContextMemory
    ) throws(DecodingFault) -> Decoded<FastContexts> {
        guard !memory.hasLostBase else {
            try reader.skipValue()
            try reader.finish()
            return .nothing
        }
        let opening = reader.byteOffset
        do throws(DecodingFault) {
            let json = try reader.readDeflated()
            try reader.finish()
            return try unsafe json.withUnsafeBufferPointer { (buffer) throws(DecodingFault) in
                let span = unsafe Span(_unsafeElements: buffer)
                var inner = MessageReader(span)
                inner.isBare = true
                do throws(DecodingFault) {
                    let decoded = try memory.apply(&inner)
                    try inner.finish()
                    reader.unknownCount += inner.unknownCount
                    return decoded
                } catch {
                    // The place inside the compressed text is told by its path; the byte is that of the string.
                    let path = inner.located(error).path
                    throw DecodingFault(error.code, at: opening, field: path.isEmpty ? nil : path)
                }
            }
        } catch {
            memory.lose()
            throw error
        }
    }
}

extension Feed where Self == FastAssetContextsFeed {
    /// Mark and mid price of every coin, in compressed changes that are applied before they are handed on.
    public static var fastAssetCtxs: FastAssetContextsFeed { FastAssetContextsFeed() }
}

extension MessageReader {
    /// Reads a string of base64 over raw DEFLATE and gives what it holds.
    mutating func readDeflated() throws(DecodingFault) -> [UInt8] {
        let opening = byteOffset
        let text = try readString()
        guard let compressed = Base64.decode(Array(text.utf8)), let bytes = Inflater.inflate(compressed) else {
            throw DecodingFault(.invalidCompression, at: opening)
        }
        return bytes
    }
}
