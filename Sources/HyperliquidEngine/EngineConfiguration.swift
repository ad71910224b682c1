package import HyperliquidWire

/// All limits and times of the engine, with the reasons for their defaults.
///
/// The engine does not check ranges. `ClientConfiguration` checks the fields that a user can set; the state machines
/// trap on a value that they cannot work with, such as an idle timeout of 0.
package struct EngineConfiguration: Hashable, Sendable {
    /// The limits that the engine keeps, by default a little below the venue's.
    package var limits = VenueLimits()
    /// The rule by which feeds are spread over connections: packed by default, because connections are scarce.
    package var policy = PlacementPolicy.packed
    /// The number of connections that placement keeps free, so that an old connection can be replaced before it is
    /// closed. 0 by default, because without `maximumConnectionAge` no connection is replaced.
    package var spareConnectionCount = 0
    /// How long a connection may bring neither data nor a pong; then it is pinged. 20 s by default, because the venue
    /// closes an idle connection after 60 s and a ping must reach it before. Must be positive.
    package var idleTimeout: Duration = .seconds(20)
    /// How long a pinged connection may bring no byte at all; then it is closed. 10 s by default, far above any
    /// round trip and, with `idleTimeout`, below the venue's 60 s. Must be positive.
    package var pongTimeout: Duration = .seconds(10)
    /// How long a subscribe or unsubscribe may be unanswered; then it is sent again. 10 s by default, as in most
    /// clients.
    package var answerTimeout: Duration = .seconds(10)
    /// How long messages that the venue sent before it read a request may still be under way. After an unsubscribe, no
    /// ambiguous feed is asked for on the connection for this long. 2 s by default, several round trips.
    package var flightTime: Duration = .seconds(2)
    /// How often a request is sent in all. If the last subscribe is unanswered too, the feed is tried apart; if the
    /// last unsubscribe is, the connection is closed. 3 by default, half a minute with `answerTimeout`: one lost answer
    /// is no evidence.
    package var maximumAttempts = 3
    /// How long a dial may take, with TLS and the upgrade; then it has failed. 10 s by default: several times what a
    /// slow network needs, so that no dial that would have succeeded is given up.
    package var dialTimeout: Duration = .seconds(10)
    /// How long the venue may take to answer a close frame; then the socket is closed anyway. 2 s by default, so that a
    /// venue that does not answer cannot delay the end of a client for long.
    package var closeTimeout: Duration = .seconds(2)
    /// The bound of the wait after a first failure; each further failure doubles it. 250 ms by default, so that a
    /// single failure is hardly noticed. Must be positive.
    package var shortestBackoff: Duration = .milliseconds(250)
    /// The bound that the wait after failures never exceeds. 30 s by default, so that a client recovers soon after the
    /// venue does. At least `shortestBackoff`.
    package var longestBackoff: Duration = .seconds(30)
    /// How long a connection must have been open for earlier failures of its slot to be forgotten. 30 s by default, as
    /// long as the longest backoff.
    package var provenAfter: Duration = .seconds(30)
    /// The number of subscribes that may be unanswered on one connection; further ones wait. It bounds the number of
    /// suspects when the connection dies. 20 by default; a value below 1 counts as 1.
    package var unansweredSubscribeLimit = 20
    /// How soon after a subscribe a connection must die for the subscribe to be suspected. 2 s by default, because 90
    /// to 155 ms were observed. A connection that dies later makes no suspects. The last trial of a suspect takes place
    /// on a connection that has held for as long.
    package var poisonWindow: Duration = .seconds(2)
    /// How often a connection must die in the trial of an identity before the identity is refused. 2 by default,
    /// because a single death may be a coincidence.
    package var poisonKillCount = 2
    /// How long connections must go on dying before an identity is refused for it. 10 s by default: a venue that
    /// restarts is back by then.
    package var poisonSpan: Duration = .seconds(10)
    /// How long the trial of a feed that may have sent a message beyond the size limit waits for a message. 5 s by
    /// default, as long as the slowest market feed needs.
    package var largeMessageWait: Duration = .seconds(5)
    /// How long a poisonous identity is refused without being asked for. 1 h by default, because the venue may list a
    /// coin later, or may have had a fault. Afterwards the identity is tried again on a connection of its own, so that
    /// no other feed can suffer.
    package var quarantine: Duration = .seconds(3600)
    /// How long an empty slot keeps its connection; then it is closed. 5 s by default, so that a new subscription that
    /// soon follows needs no dial.
    package var idleConnectionLinger: Duration = .seconds(5)
    /// The number of consecutive refused upgrades of one slot, while other connections are open, after which the engine
    /// assumes that the venue allows no more connections. 2 by default, because one refusal may have another cause.
    package var connectionRefusalCount = 2
    /// The shortest silence after which a ticking feed counts as stale and is asked for again; a slow cadence extends
    /// it. 30 s by default, because the venue's rates are not documented (docs/protocol.md, "Q14").
    package var shortestStaleness: Duration = .seconds(30)
    /// The age at which a connection is replaced, make before break, if a connection is to spare; `nil` for never.
    /// `nil` by default, because the age at which the venue closes a connection is not known.
    package var maximumConnectionAge: Duration?
    /// How long no message but pings is sent after the venue said that too many were sent. 60 s by default, the span
    /// over which the venue counts messages.
    package var messageLimitPause: Duration = .seconds(60)
    /// How long no question is sent after the venue refused one because the requests weighed too much. 10 s by default: a
    /// sixth of the span over which it counts, in which other programs at this address may go on asking.
    package var requestWeightPause: Duration = .seconds(10)
    /// How long a subscription waits after a limit of the venue refused it, and how long moves pause after a failed
    /// one. 15 s by default, as long as the venue counts a user that has left.
    package var limitRetry: Duration = .seconds(15)

    /// How long a post waits after the venue refused it because too many were in flight; then it is sent again. 1 s by
    /// default, so that within a post's usual timeout of 15 s it is tried several times.
    package var postRetry: Duration = .seconds(1)
    /// How long a post whose caller no longer waits counts as in flight. 60 s by default: by then the venue must have
    /// answered or dropped it.
    package var postMemory: Duration = .seconds(60)

    /// Half of the dials of a minute, at least 1: no connection slot takes more, and trials do not either.
    var dialLimitOfOneUse: Int { max(1, limits.dialsPerMinute / 2) }

    package init() {}
}
