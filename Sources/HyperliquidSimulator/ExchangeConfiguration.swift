/// What a simulated exchange is like. The defaults are the venue's, as far as they are known.
public struct ExchangeConfiguration: Hashable, Sendable {
    /// Over what the users are counted.
    public enum UserScope: Hashable, Sendable {
        /// Over all connections of the IP address, as documented.
        case address
        /// On each connection, as one client measured.
        case connection
    }

    /// What the venue says to a subscription of a dead type.
    public enum DeadTypeAnswer: Hashable, Sendable {
        /// `Invalid subscription {…}`
        case invalidSubscription
        /// `Error parsing JSON into valid websocket request: {…}`
        case unreadableRequest
    }

    /// The same seed and inputs give the same exchange: 1 by default.
    public var seed: UInt64 = 1
    /// The venue's time at the start, in milliseconds since 1970; the present by default where a shell serves it.
    public var startMilliseconds: Int64?
    /// How much faster than real time the exchange lives: 1 by default, from 0.01 to 1000.
    public var speed = 1.0
    /// Open connections: 10, which is documented.
    public var connectionLimit = 10
    /// New connections in 60 s: 30, which is documented.
    public var connectionsPerMinuteLimit = 30
    /// The status of a refused upgrade (open at the venue): 429.
    public var refusalStatus = 429
    /// Subscriptions over all connections: 1000, which is documented.
    public var subscriptionLimit = 1000
    /// Different users: 10, which is documented; 15 has been observed.
    public var userLimit = 10
    /// Over what users are counted.
    public var userScope = UserScope.address
    /// How long a user counts after its last subscription: 12 s; 10 to 15 s were observed.
    public var userLinger: Duration = .seconds(12)
    /// Messages from the client in 60 s: 2000, which is documented.
    public var messagesPerMinuteLimit = 2000
    /// Posts in flight: 100, which is documented.
    public var postLimit = 100
    /// How long the exchange may send neither data nor a pong before it closes: 60 s, which is documented.
    public var inactivityLimit: Duration = .seconds(60)
    /// How long acknowledgements and answers take: 5 ms.
    public var answerDelay: Duration = .milliseconds(5)
    /// How long answers to posts take, each its own time: 20 to 60 ms.
    public var postDelay: ClosedRange<Duration> = .milliseconds(20) ... .milliseconds(60)
    /// Messages that still come after the acknowledgement of an unsubscribe: none by default; the venue sends some
    /// rarely.
    public var lateMessageCount = 0
    /// How long after the unsubscribe such messages still come: 1 s. The venue had queued them before.
    public var lateMessageSpan: Duration = .seconds(1)
    /// When a poisonous subscription kills its connection: 90 to 155 ms were observed.
    public var poisonDelay: ClosedRange<Duration> = .milliseconds(90) ... .milliseconds(155)
    /// How often every connection is closed as `Expired`; never by default.
    public var rotation: Duration?
    /// Whether the explorer acknowledges (open at the venue): yes.
    public var acknowledgesExplorer = true
    /// What is said to `webData2`.
    public var deadTypeAnswer = DeadTypeAnswer.invalidSubscription
    /// Whether a new connection is greeted with a text that is no JSON, as some servers did: no.
    public var greets = false
    /// Whether books show `spread` and `fast` where they were asked for, as newer servers do: yes.
    public var showsBookHints = true
    /// Whether news of outcomes come wrapped in objects, one of the two shapes on record: no.
    public var wrapsOutcomeUpdates = false
    /// The share of messages with keys, words or channels that no client knows: none by default, from 0 to 1.
    public var strangeness = 0.0
    /// How many times as lively as the venue the market is: 1 by default, from 0.01 to 1000. At 100, with 178 coins'
    /// books, bests and trades, it sends tens of thousands of messages a second.
    public var activity = 1.0
    /// What goes wrong, and when.
    public var faults = FaultPlan()
    /// How the market lives.
    package var marketRates = MarketRates.venue
    package var marketSize = MarketSize.full

    /// The venue's defaults.
    public init() {}

    /// Checks the ranges that the fields name.
    func validate() throws(SimulatorError) {
        let factors = [("speed", speed, 0.01...1000), ("activity", activity, 0.01...1000)]
        for (name, value, range) in factors + [("strangeness", strangeness, 0...1)] where !range.contains(value) {
            throw SimulatorError(
                .invalidConfiguration, "\(name) is \(value); use \(range.lowerBound) to \(range.upperBound).")
        }
    }
}
