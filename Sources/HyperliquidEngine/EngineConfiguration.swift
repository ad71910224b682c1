package import HyperliquidWire

/// Every bound and wait of the engine, with its default and reason.
package struct EngineConfiguration: Hashable, Sendable {
    /// What the venue allows.
    package var limits = VenueLimits()
    /// How feeds are spread.
    package var policy = PlacementPolicy.packed
    /// Connections that placement leaves free, for a slot that replaces its connection before the old one ends.
    package var spareConnectionCount = 0
    /// How long a connection may bring neither data nor a pong before it is pinged: the venue closes at 60 s.
    package var idleTimeout: Duration = .seconds(20)
    /// How long a pinged connection may say nothing at all.
    package var pongTimeout: Duration = .seconds(10)
    /// How long a request waits for its answer before it is sent again: what most clients use.
    package var answerTimeout: Duration = .seconds(10)
    /// How long what the venue sent before it read a request may be under way.
    package var flightTime: Duration = .seconds(2)
    /// How often a request is sent before its connection is given up.
    package var maximumAttempts = 3
    /// How long a dial may take in all, and a close.
    package var dialTimeout: Duration = .seconds(10)
    package var closeTimeout: Duration = .seconds(2)
    /// The first wait after a failure; each further one doubles it, up to the longest.
    package var shortestBackoff: Duration = .milliseconds(250)
    package var longestBackoff: Duration = .seconds(30)
    /// How long a connection must hold before its failures are forgotten.
    package var provenAfter: Duration = .seconds(30)
    /// Subscribes on one connection without an answer yet: bounds how many are suspected when a connection dies.
    package var unansweredSubscribeLimit = 20
    /// A connection that dies so soon after a subscribe was killed by it, perhaps (observed: 90 to 155 ms).
    package var poisonWindow: Duration = .seconds(2)
    /// How often an identity must kill a connection, alone, before it is refused.
    package var poisonKillCount = 2
    /// How long what has done so is refused without being asked for. The venue lists coins every day, and may have had
    /// troubles of its own: afterwards it is tried again, alone, which costs nobody else anything.
    package var quarantine: Duration = .seconds(3600)
    /// How long an empty slot keeps its connection, so that a quick return needs no dial.
    package var idleConnectionLinger: Duration = .seconds(5)
    /// So many refused upgrades in a row, while others are open, show that the venue allows no more connections.
    package var connectionRefusalCount = 2
    /// How long a feed that ticks may be silent at least: the venue's rates are not documented
    /// (docs/protocol.md, "Q14").
    package var shortestStaleness: Duration = .seconds(30)
    /// How old a connection grows before it is replaced, make before break, while a connection is to spare; never, if nil.
    package var maximumConnectionAge: Duration?
    /// How long all sending pauses when the venue says that too many messages were sent.
    package var messageLimitPause: Duration = .seconds(60)
    /// When a subscription refused by a limit is tried again though nothing was freed.
    package var limitRetry: Duration = .seconds(15)

    /// How long a request waits after the venue had too many of them.
    package var postRetry: Duration = .seconds(1)
    /// How long a request that nobody waits for counts as unanswered: the venue must have dropped it by then.
    package var postMemory: Duration = .seconds(60)

    package init() {}
}
