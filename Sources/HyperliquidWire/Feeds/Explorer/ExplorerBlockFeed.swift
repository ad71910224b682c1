/// The blocks of the chain, as they are made.
///
/// Served on the explorer's socket, which the venue does not document. Dedicated, because its messages are bare arrays
/// without a key. The first message repeats recent blocks, which arrive as a `.snapshot`; blocks repeated after a
/// reconnect are not delivered again. A gap can lose blocks that the venue does not repeat.
public struct ExplorerBlockFeed: CatalogueFeed {
    /// Creates the feed of all blocks.
    public init() {}

    /// `explorerBlock`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "explorerBlock", summary: "blocks of the chain", status: .undocumented, example: ExplorerBlockFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"explorerBlock"}`
    public var request: FeedRequest { FeedRequest(type: "explorerBlock") }

    /// Dedicated, on the explorer's socket, recognised by the shape of its arrays.
    public var traits: FeedTraits {
        FeedTraits(
            .dedicated, endpoint: .explorer, channel: "explorerBlock", snapshot: .replay, delivery: .buffered,
            priority: .low)
    }

    /// Reads an array of blocks and drops those that were delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Int64>
    ) throws(DecodingFault) -> Decoded<[ExplorerBlock]> {
        let blocks = try reader.readArray { (reader) throws(DecodingFault) in try ExplorerBlock(from: &reader) }
        try reader.finish()
        return memory.partition(blocks, key: \.height, time: \.timeMilliseconds)
    }
}

extension FeedChoice {
    /// Blocks of the chain.
    public static var explorerBlock: FeedChoice<ExplorerBlockFeed> { .feed(ExplorerBlockFeed()) }
}

/// A block of the chain.
public struct ExplorerBlock: Hashable, Sendable {
    /// The time at which it was made, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The hash of the block.
    public let hash: TransactionHash
    /// The number of the block in the chain.
    public let height: Int64
    /// The number of transactions in the block.
    public let transactionCount: Int
    /// The validator that proposed it.
    public let proposer: Address

    /// Creates a block.
    public init(timeMilliseconds: Int64, hash: TransactionHash, height: Int64, transactionCount: Int, proposer: Address)
    {
        self.timeMilliseconds = timeMilliseconds
        self.hash = hash
        self.height = height
        self.transactionCount = transactionCount
        self.proposer = proposer
    }
}

extension ExplorerBlock: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var timeMilliseconds: Int64?, hash: TransactionHash?, height: Int64?, transactionCount: Int?, proposer: Address?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "blockTime": timeMilliseconds = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "height": height = try reader.readInteger()
            case "numTxs": transactionCount = try reader.readInt()
            case "proposer": proposer = try reader.readAddress()
            default: try reader.skipUnknown()
            }
        }
        self.init(
            timeMilliseconds: try reader.require(timeMilliseconds, "blockTime", in: object),
            hash: try reader.require(hash, "hash", in: object),
            height: try reader.require(height, "height", in: object),
            transactionCount: try reader.require(transactionCount, "numTxs", in: object),
            proposer: try reader.require(proposer, "proposer", in: object))
    }

    /// Writes the block with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("blockTime", timeMilliseconds)
        writer.field("hash", hash)
        writer.field("height", height)
        writer.field("numTxs", transactionCount)
        writer.field("proposer", proposer)
        writer.endObject()
    }
}
