public import HyperliquidWire

/// A fault of the exchange or of its connections.
///
/// ``SimulatedExchange/perform(_:)`` makes one happen at once, a ``FaultPlan`` at a given time. Durations are in the
/// exchange's own time. A subscription is selected by its request; the order of keys, the case of the user and options
/// with their default values make no difference. Numbers and codes are not checked.
public enum FaultAction: Hashable, Sendable {
    /// The open connections that a fault affects.
    public enum Target: Hashable, Sendable {
        /// Every open connection.
        case all
        /// The connection that was opened first.
        case oldest
        /// The connection that was opened last.
        case newest
        /// The connection at this index, counted from 0, oldest first; none if there are fewer connections.
        case at(Int)
    }

    /// How a connection ends.
    public enum ConnectionEnd: Hashable, Sendable {
        /// It is dropped without a Close frame.
        case drop
        /// It is closed with this code and reason.
        case close(code: UInt16, reason: String)
    }

    /// How a subscription is poisonous.
    public struct Poison: Hashable, Sendable {
        /// How the connection ends. ``FaultAction/ConnectionEnd/drop`` by default, as at the venue.
        public var end: ConnectionEnd
        /// Whether a subscribe is acknowledged and brings data before the connection ends. `false` by default, as at the
        /// venue.
        public var isAcknowledged: Bool

        /// A poison, by default like the venue's.
        public init(end: ConnectionEnd = .drop, isAcknowledged: Bool = false) {
            self.end = end
            self.isAcknowledged = isAcknowledged
        }
    }

    // MARK: Connections

    /// The connections are closed with code 1000 and the reason `Expired`, as in the venue's routine rotation.
    case expire(Target)
    /// The connections are closed with this code and reason. 1000, 1001, 1011, 1012 and 1013 are plausible.
    case close(Target, code: UInt16, reason: String)
    /// The connections are dropped without a Close frame.
    case kill(Target)
    /// The exchange sends nothing more on the connections, and never closes them. TCP stays open.
    case silence(Target)
    /// `true`: WebSocket upgrades are no longer answered. `false`: they are answered again.
    case stallUpgrades(Bool)
    /// WebSocket upgrades are refused with this HTTP status; with `nil`, they are accepted again.
    case refuseUpgrades(status: Int?)
    /// After this number of further subscribe requests, the connection that has sent the last one is dropped without a
    /// Close frame.
    case killAfterSubscribes(Int)

    // MARK: Subscriptions

    /// The subscription is poisonous from now on: ``ExchangeConfiguration/poisonDelay`` after its next subscribe, the
    /// connection ends, and likewise each connection on which it is live now. With `nil`, it is no longer poisonous.
    ///
    /// An acknowledged poison counts its delay from the acknowledgement. A request that is poisonous by itself, such as
    /// one for an unknown coin, stays so.
    case poison(FeedRequest, Poison?)
    /// `true`: subscribes and unsubscribes of the subscription are neither answered nor obeyed. Where it is live, it
    /// stays live until its connection ends. `false`: they are answered again.
    case ignore(FeedRequest, Bool)
    /// The next message of the subscription has an unknown key with a text of this many bytes, and so more bytes than
    /// that, on every connection that gets it. The key is the first one with `paddingFirst`, so that the beginning of
    /// the message does not tell its feed, and otherwise behind the data. 0 takes the fault back.
    case enlargeMessage(FeedRequest, byteCount: Int, paddingFirst: Bool)

    // MARK: Data and pongs

    /// `true`: no data are sent on the connections, while pongs, answers and errors are. `false`: data are sent again,
    /// first those that were withheld, all at once; they are kept until then, however many they are. The data of a
    /// subscription that ends meanwhile are never sent.
    case withholdData(Target, Bool)
    /// `true`: pings on the connections are not answered, while data, answers and errors are sent. `false`: they are
    /// answered again.
    case withholdPongs(Target, Bool)
    /// Data are delayed by this much from now on, so that their times are old when they arrive. Pongs, answers and errors
    /// are not delayed. Zero ends the fault, and data that wait are sent at once. The data of a subscription that ends
    /// meanwhile are never sent.
    case delayData(Duration)
    /// The venue's clock jumps forward, or backward if the duration is negative, by whole milliseconds.
    ///
    /// Times from now on are shown with the jump, earlier times as before, in data, in answers to posts and in answers of
    /// `/info`. The times of candles, which are multiples of their interval, are shown without it. The market and the
    /// exchange's own timers go on.
    case jumpClock(Duration)

    // MARK: Answers

    /// Acknowledgements, error messages and answers to posts are delayed by this much from now on.
    case delayAnswers(Duration)
    /// This number of acknowledgements, from the next one on, are never sent. Their subscriptions start, and data
    /// arrive.
    case dropAcknowledgements(Int)
    /// `true`: acknowledgements that wait to be sent together are sent in reverse order. `false`: in order again.
    case reorderAcknowledgements(Bool)
    /// This number of acknowledgements, from the next one on, are sent in one text with the message that follows on the
    /// connection, without anything in between. An acknowledgement that nothing follows at its time is sent alone.
    case glueAcknowledgements(Int)
    /// `true`: acknowledgements show the coin and the user in another case than before: upper case becomes lower case,
    /// and lower case becomes upper case if there is no upper case. `false`: as before.
    case changeEchoCase(Bool)
    /// This number of subscribe requests, from the next one on, are answered with an error message of this text and have
    /// no effect. With `nil`, the text is of a kind that no client knows, and quotes the request:
    /// `Unknown market: {"type":"trades","coin":"NOPE"}`.
    case refuseSubscribes(Int, text: String?)
    /// An error message with this text is sent on the connections at once, although no request has caused it.
    case sendError(Target, text: String)

    // MARK: Listings

    /// The coin is listed from now on, and answers of `/info` name it; a delisted one is traded again. Does nothing if it
    /// is traded already.
    ///
    /// Its spelling says what it is: `NEW` a perpetual of the main dex; `xyz:NEW` one of the dex `xyz`, which is listed
    /// too if there is none; `@300` a spot pair with USDC; `#20000` a side of outcome 2000, whose other side is listed
    /// with it, and which those who follow the outcomes are told about. Any other spelling does nothing.
    case list(Coin)
    /// The coin is no longer traded. Does nothing if it is not traded.
    ///
    /// A perpetual stays in the answers of `/info`, with a mark, and its book is empty;
    /// ``ExchangeConfiguration/killsDelistedCoins`` says what a subscribe to it does. A spot pair or an outcome, with
    /// both sides, is no longer named, and a subscribe to it kills the connection like that of any unknown coin. Where
    /// the coin is subscribed to, it stays so, and brings nothing more. Orders of accounts in it are cancelled.
    case delist(Coin)

    // MARK: Limits

    /// The limit changes. What is above it already stays.
    case setLimit(ExchangeConfiguration.Limit, Int)
}
