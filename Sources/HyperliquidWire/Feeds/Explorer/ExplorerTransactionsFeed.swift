/// The transactions of the chain, as blocks include them: thousands per second.
///
/// Served on the explorer's socket, which the venue does not document. Dedicated, because its messages are bare arrays
/// without a channel. The first message repeats recent transactions, which arrive as a `.snapshot`; transactions
/// repeated after a reconnect are not delivered again. A gap can lose transactions that the venue does not repeat.
public struct ExplorerTransactionsFeed: CatalogueFeed {
    /// Creates the feed of all transactions.
    public init() {}

    /// `explorerTxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "explorerTxs", summary: "transactions of the chain", status: .undocumented,
            example: ExplorerTransactionsFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"explorerTxs"}`
    public var request: FeedRequest { FeedRequest(type: "explorerTxs") }

    /// Dedicated, on the explorer's socket, recognised by the fields of its items.
    public var traits: FeedTraits {
        FeedTraits(
            .dedicated, endpoint: .explorer, channel: "explorerTxs", snapshot: .replay, delivery: .buffered,
            priority: .low)
    }

    /// Reads an array of transactions and drops those that were delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<TransactionHash>
    ) throws(DecodingFault) -> Decoded<[ExplorerTransaction]> {
        let transactions = try reader.readArray { (reader) throws(DecodingFault) in
            try ExplorerTransaction(from: &reader)
        }
        try reader.finish()
        return memory.partition(transactions, key: \.hash, time: \.timeMilliseconds)
    }
}

extension FeedChoice {
    /// Transactions of the chain.
    public static var explorerTxs: FeedChoice<ExplorerTransactionsFeed> { .feed(ExplorerTransactionsFeed()) }
}

/// A transaction of the chain.
///
/// Source: docs/protocol.md, "explorerTxs".
public struct ExplorerTransaction: Hashable, Sendable {
    /// The requested action as received: an object with a `type` and the fields of that type.
    public let action: RawMessage
    /// The number of the block that contains the transaction.
    public let block: Int64
    /// The reason of the failure; `nil` if the transaction succeeded.
    public let error: String?
    /// The hash of the transaction.
    public let hash: TransactionHash
    /// The time at which it was made, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The user who made the transaction.
    public let user: Address

    /// Creates a transaction.
    public init(
        action: RawMessage, block: Int64, error: String?, hash: TransactionHash, timeMilliseconds: Int64, user: Address
    ) {
        self.action = action
        self.block = block
        self.error = error
        self.hash = hash
        self.timeMilliseconds = timeMilliseconds
        self.user = user
    }

    /// The word in `action.type`, for example `order` or `cancel`; `nil` if there is none.
    public var actionType: String? {
        unsafe action.bytes.withUnsafeBufferPointer { buffer in
            let span = unsafe Span(_unsafeElements: buffer)
            var reader = MessageReader(span)
            return reader.text(ofField: "type")
        }
    }
}

extension MessageReader {
    /// Reads an object up to the field `name` and returns the text in it; `nil` if there is no such text.
    fileprivate mutating func text(ofField name: StaticString) -> String? {
        do throws(DecodingFault) {
            guard peekType() == .object else { return nil }
            var object = try beginObject()
            while let key = try nextKey(&object) {
                if key == name { return peekType() == .string ? try readString() : nil }
                try skipValue()
            }
        } catch {
            // The bytes of a received action have been checked, but a program can create a transaction from any bytes.
        }
        return nil
    }
}

extension ExplorerTransaction: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var action: RawMessage?, block: Int64?, error: String?, hash: TransactionHash?, timeMilliseconds: Int64?,
            user: Address?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "action": action = RawMessage(bytes: try reader.readRaw())
            case "block": block = try reader.readInteger()
            case "error": error = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readString() }
            case "hash": hash = try reader.readHash()
            case "time": timeMilliseconds = try reader.readInteger()
            case "user": user = try reader.readAddress()
            default: try reader.skipUnknown()
            }
        }
        self.init(
            action: try reader.require(action, "action", in: object),
            block: try reader.require(block, "block", in: object), error: error,
            hash: try reader.require(hash, "hash", in: object),
            timeMilliseconds: try reader.require(timeMilliseconds, "time", in: object),
            user: try reader.require(user, "user", in: object))
    }

    /// Writes the transaction with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("action", action)
        writer.field("block", block)
        writer.field(orNull: "error", error)
        writer.field("hash", hash)
        writer.field("time", timeMilliseconds)
        writer.field("user", user)
        writer.endObject()
    }
}
