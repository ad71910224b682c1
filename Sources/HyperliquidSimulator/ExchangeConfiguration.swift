/// The behaviour of a simulated exchange: its market, its limits and delays, and its faults.
///
/// The defaults are the venue's own values as far as they are known. Durations are in the exchange's own time, which
/// runs ``speed`` times as fast as real time. ``SimulatedExchange/start(host:port:configuration:)`` throws
/// ``SimulatorError`` with the code `invalidConfiguration` if ``speed``, ``activity`` or ``schemaDrift`` is out of its
/// range; other values are not checked.
public struct ExchangeConfiguration: Hashable, Sendable {
    /// The scope over which ``ExchangeConfiguration/userLimit`` counts users.
    public enum UserScope: Hashable, Sendable {
        /// All connections of the IP address, as documented by the venue.
        case address
        /// Each connection by itself, as measured by one client.
        case connection
    }

    /// The error that answers a subscription of a type that the venue no longer serves.
    public enum DeadTypeAnswer: Hashable, Sendable {
        /// `Invalid subscription {…}`
        case invalidSubscription
        /// `Error parsing JSON into valid websocket request: {…}`
        case unreadableRequest
    }

    // MARK: Market and time

    /// The seed of the market, the accounts and all random delays. 1 by default.
    ///
    /// Two exchanges with the same configuration that get the same inputs at the same times behave in the same way.
    public var seed: UInt64 = 1
    /// The venue's time at the start, in milliseconds since 1970. `nil`, the default, means the present time.
    public var startMilliseconds: Int64?
    /// The speed of the exchange's time relative to real time, from 0.01 to 1000. 1 by default.
    public var speed = 1.0
    /// Whether the exchange's time stands still except in ``SimulatedExchange/step(by:)``. `false` by default.
    ///
    /// Then nothing depends on the machine: the same configuration, the same requests and the same steps give the same
    /// messages, byte for byte. Requests are answered at once, whatever ``answerDelay`` and ``postDelay`` are, and unless
    /// ``startMilliseconds`` is set, the venue's time begins at 1,790,000,000,000 ms.
    public var isStepped = false
    /// The activity of the market relative to the venue's, from 0.01 to 1000. 1 by default.
    ///
    /// At 100, the books, best bids and offers, and trades of 178 coins make tens of thousands of messages per second.
    public var activity = 1.0

    // MARK: Limits

    /// The largest number of open connections. 10 by default, as documented by the venue.
    public var connectionLimit = 10
    /// The largest number of new connections within 60 s. 30 by default, as documented by the venue.
    public var connectionsPerMinuteLimit = 30
    /// The HTTP status of an upgrade that is refused because of a limit. 429 by default; the venue's is not known.
    public var refusalStatus = 429
    /// The largest number of subscriptions over all connections. 1000 by default, as documented by the venue.
    public var subscriptionLimit = 1000
    /// The largest number of different users. 10 by default, as documented by the venue; 15 has been observed.
    public var userLimit = 10
    /// The largest number of different users on one connection, besides ``userLimit``. `nil` by default: not limited.
    public var usersPerConnectionLimit: Int?
    /// The largest number of subscriptions on one connection, besides ``subscriptionLimit``. `nil` by default: not
    /// limited.
    public var subscriptionsPerConnectionLimit: Int?
    /// The scope over which users are counted. ``UserScope/address`` by default.
    public var userScope = UserScope.address
    /// How long a user still counts after its last subscription has ended. 12 s by default; 10 to 15 s were observed.
    public var userLinger: Duration = .seconds(12)
    /// The largest number of messages from clients within 60 s. 2000 by default, as documented by the venue.
    public var messagesPerMinuteLimit = 2000
    /// The largest number of messages from clients within 1 s. `nil` by default: not limited. Problems were observed at
    /// the venue near 100.
    public var messagesPerSecondLimit: Int?
    /// The largest weight of requests within 60 s, over REST and as posts. 1200 by default, as documented by the venue.
    /// Requests beyond it are answered with status 429 and not counted; the text is not known.
    public var requestWeightPerMinuteLimit = 1200
    /// The largest number of posts in flight. 100 by default, as documented by the venue.
    public var postLimit = 100

    // MARK: Delays and closes

    /// How long the exchange sends neither data nor a pong before it closes a connection. 60 s by default, as documented
    /// by the venue.
    public var inactivityLimit: Duration = .seconds(60)
    /// The delay of acknowledgements and error messages. 5 ms by default.
    public var answerDelay: Duration = .milliseconds(5)
    /// The range of the delays of answers to posts; each answer has a random one. 20 to 60 ms by default.
    public var postDelay: ClosedRange<Duration> = .milliseconds(20) ... .milliseconds(60)
    /// The number of messages that a subscription still sends after its unsubscribe was acknowledged. 0 by default; the
    /// venue rarely sends some.
    public var lateMessageCount = 0
    /// How long after an unsubscribe such messages may still be sent. 1 s by default.
    public var lateMessageSpan: Duration = .seconds(1)
    /// The range of the delays after which a poisonous subscription kills its connection. 90 to 155 ms by default, as
    /// observed.
    public var poisonDelay: ClosedRange<Duration> = .milliseconds(90) ... .milliseconds(155)
    /// Whether a subscribe to a delisted perpetual kills its connection, as one to an unknown coin does. `false` by
    /// default: it brings an empty book. Both are on record at the venue.
    public var killsDelistedCoins = false
    /// The age at which every connection is closed with the reason `Expired`. `nil`, the default, means never.
    public var rotation: Duration?

    // MARK: Forms of messages

    /// Whether the explorer acknowledges subscriptions. `true` by default; it is not known whether the venue does.
    public var acknowledgesExplorer = true
    /// The answer to a `webData2` subscription. ``DeadTypeAnswer/invalidSubscription`` by default.
    public var deadTypeAnswer = DeadTypeAnswer.invalidSubscription
    /// Whether each new connection is sent a text that is not JSON first, as some servers did. `false` by default.
    public var sendsGreeting = false
    /// Whether books show `spread` and `fast` if the subscription asked for them, as newer servers do. `true` by default.
    public var showsBookHints = true
    /// Whether outcome updates are wrapped in objects, which is one of the two recorded forms. `false` by default.
    public var wrapsOutcomeUpdates = false
    /// The share of messages with keys, words or channels that no client knows, from 0 to 1. 0 by default.
    ///
    /// The venue adds such things without notice; a client must not lose messages because of them.
    public var schemaDrift = 0.0

    // MARK: Faults

    /// The faults that happen by themselves, with their times. None by default. See also
    /// ``SimulatedExchange/perform(_:)``.
    public var faults = FaultPlan()

    // MARK: For this package's tests

    /// The pace of the market, before ``activity`` is applied.
    package var marketRates = MarketRates.venue
    /// The number of listed coins.
    package var marketSize = MarketSize.full

    /// A configuration with the default values.
    public init() {}

    /// Throws an error with the code `invalidConfiguration` if a value is out of its range.
    func validate() throws(SimulatorError) {
        let factors = [("speed", speed, 0.01...1000), ("activity", activity, 0.01...1000)]
        for (name, value, range) in factors + [("schemaDrift", schemaDrift, 0...1)] where !range.contains(value) {
            throw SimulatorError(
                .invalidConfiguration, "\(name) is \(value); use \(range.lowerBound) to \(range.upperBound).")
        }
    }
}
