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
}
