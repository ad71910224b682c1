internal import HyperliquidEngine
public import Logging

/// How subscriptions are spread over connections.
public enum ConnectionPolicy: Hashable, Sendable {
    /// As few connections as the limits allow, with no two feeds on one whose messages could be confused.
    case packed
    /// The three connection types taken literally: all `shared` feeds together, at most `sharedLimit` on a
    /// connection; each `dedicated` feed alone; each user's feeds together.
    case isolated(sharedLimit: Int)

    /// Isolated, with 200 shared feeds on a connection.
    public static let isolated = ConnectionPolicy.isolated(sharedLimit: 200)
}

/// How a client behaves. Everything has a default that is right for most.
public struct ClientConfiguration: Sendable {
    /// How subscriptions are spread over connections: packed by default.
    public var policy = ConnectionPolicy.packed
    /// What the venue allows this IP address; cautious defaults. The clients of one network in a process spend them
    /// together, and those of its first client count.
    public var limits = VenueLimits()
    /// The venue's coins, where the caller knows them, for example from `meta` and `spotMeta`: a feed of another one is
    /// refused before it is sent, because the venue may close the whole connection over it. No list by default.
    public var knownCoins: Set<Coin>?
    /// How long `subscribe` waits for the acknowledgement: 30 s by default, from 1 s to 1 h.
    public var acknowledgementTimeout: Duration = .seconds(30)
    /// How long a connection may bring neither data nor a pong before it is pinged: from 1 s to 50 s, 20 s by default,
    /// because the venue closes a connection it has sent nothing on for 60 s.
    public var idleTimeout: Duration = .seconds(20)
    /// How old a connection grows before another one takes its place, without a gap, while a connection is to spare:
    /// from 1 min to 7 days; never by default, because at what age the venue closes one is not known.
    public var maximumConnectionAge: Duration?
    /// The largest message that is accepted: from 64 KiB to 1 GiB, 16 MiB by default; the venue's largest known
    /// ones are several 100 KB.
    public var messageByteLimit = 16 << 20
    /// PEM files of further certificate authorities to trust, for a venue behind a private one; none by default.
    public var trustedRootFiles: [String] = []
    /// Where the client logs; silent by default.
    public var logger = Logger(label: "hyperliquid", factory: { _ in SwiftLogNoOpLogHandler() })

    /// The defaults.
    public init() {}

    /// The first field out of its range, with what is right.
    var problem: String? {
        if let problem = limits.problem { return problem }
        if case .isolated(let sharedLimit) = policy, sharedLimit < 1 {
            return "policy: sharedLimit is \(sharedLimit); use 1 or more"
        }
        if knownCoins?.isEmpty == true { return "knownCoins is empty, which refuses every coin; use nil for no list" }
        guard (Duration.seconds(1)...Duration.seconds(3600)).contains(acknowledgementTimeout) else {
            return "acknowledgementTimeout is \(acknowledgementTimeout); use 1 s to 1 h"
        }
        guard (Duration.seconds(1)...Duration.seconds(50)).contains(idleTimeout) else {
            return "silence is \(idleTimeout); use 1 s to 50 s, because the venue closes a silent connection at 60 s"
        }
        let ages = Duration.seconds(60)...Duration.seconds(7 * 86_400)
        if let age = maximumConnectionAge, !ages.contains(age) {
            return "maximumConnectionAge is \(age); use 1 min to 7 days, or nothing for never"
        }
        guard (65_536...(1 << 30)).contains(messageByteLimit) else {
            return "messageByteLimit is \(messageByteLimit); use 65536 to 1073741824"
        }
        return nil
    }

    var engine: EngineConfiguration {
        var engine = EngineConfiguration()
        engine.limits = limits
        engine.idleTimeout = idleTimeout
        engine.maximumConnectionAge = maximumConnectionAge
        engine.spareConnectionCount = maximumConnectionAge == nil ? 0 : 1
        switch policy {
        case .packed: engine.policy = .packed
        case .isolated(let sharedLimit): engine.policy = .isolated(sharedLimit: sharedLimit)
        }
        return engine
    }
}
