/// The transactions of the chain, as they are made: thousands a second.
///
/// On the explorer's socket, which the venue does not document; dedicated, because its messages are bare arrays
/// that name nothing. The first message repeats recent transactions, which arrive as a `.snapshot`; what it
/// repeats after a reconnect is not delivered twice. A gap can hide transactions beyond that.
public struct ExplorerTransactionsFeed: CatalogueFeed {
    /// Transactions of the chain.
    public init() {}

    /// `explorerTxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "explorerTxs", summary: "transactions of the chain", status: .undocumented,
            example: ExplorerTransactionsFeed())
    }

    /// Makes the feed; it has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"explorerTxs"}`
    public var request: FeedRequest { FeedRequest(type: "explorerTxs") }

    /// Dedicated, on the explorer's socket, by the shape of its arrays.
    public var traits: FeedTraits {
        FeedTraits(
            .dedicated, endpoint: .explorer, channel: "explorerTxs", snapshot: .replay, delivery: .buffered,
            priority: .low)
    }

    /// Reads an array of transactions and leaves out those delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<TransactionHash>
    ) throws(DecodingFault) -> Decoded<[ExplorerTransaction]> {
        let transactions = try reader.readArray { (reader) throws(DecodingFault) in
            try ExplorerTransaction(from: &reader)
        }
        try reader.finish()
        return memory.sort(transactions, key: \.hash, time: \.timeMilliseconds)
    }
}

extension Feed where Self == ExplorerTransactionsFeed {
    /// Transactions of the chain.
    public static var explorerTxs: ExplorerTransactionsFeed { ExplorerTransactionsFeed() }
}
