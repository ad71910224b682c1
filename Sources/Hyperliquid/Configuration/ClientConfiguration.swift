internal import HyperliquidEngine
public import Logging
internal import WebSocketTransport

/// The configuration of a client. Every field has a default that suits most uses.
public struct ClientConfiguration: Sendable {
    /// How subscriptions are spread over connections: `packed` (on the fewest) by default, or `isolated` (by connection
    /// type).
    public var policy = PlacementPolicy.packed
    /// The limits that the client keeps, by default a little below those that the venue documents for an IP address.
    /// `VenueLimits` has the ranges. Shared by all clients of the same network in this process, for the process's life:
    /// making a client with other limits than the first one throws `invalidConfiguration`.
    public var limits = VenueLimits()
    /// How coins are checked before anything is sent, because the venue may close the whole connection over an unknown
    /// one: not at all by default. An empty list is invalid.
    public var coinCheck = CoinCheck.none
    /// How long `subscribe` waits for the acknowledgement before it throws `timedOut`: from 1 s to 1 h, 30 s by
    /// default. A call can pass another timeout.
    public var acknowledgementTimeout: Duration = .seconds(30)
    /// How long a connection may bring neither data nor a pong before it is pinged: from 1 s to 50 s, 20 s by default,
    /// because the venue closes a connection on which it has sent nothing for 60 s. If no byte arrives in the 10 s
    /// after the ping, the connection is given up.
    public var idleTimeout: Duration = .seconds(20)
    /// The maximum age of a connection, from 1 min to 7 days. The feeds of an older one move to a new connection, for
    /// which one connection of the limit is kept free. `nil` by default: connections are kept, because the age at which
    /// the venue closes one is not known.
    public var maximumConnectionAge: Duration?
    /// The size of the largest message accepted, in bytes: from 64 KiB to 1 GiB, 16 MiB by default. A larger one ends
    /// its connection. The venue's largest known messages have several 100 KB.
    public var messageByteLimit = 16 << 20
    /// PEM files of certificate authorities to trust in addition to the system's, for example a private authority that
    /// has signed the server's certificate; empty by default. If a file cannot be read, making the client throws
    /// `invalidConfiguration`.
    public var trustedRootFiles: [String] = []
    /// Headers to send with each request for a WebSocket, by name, for example the key that a gateway in front of the
    /// venue asks for; empty by default. `User-Agent` is `swift-hyperliquid/` with the version unless it is set here.
    /// The headers that make the request one for a WebSocket cannot be set. Values are never logged or shown.
    public var headers: [String: String] = [:]
    /// The logger that the client writes to. By default, nothing is logged.
    public var logger = Logger(label: "hyperliquid", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Makes the default configuration.
    public init() {}

    /// Names the first field that is out of its range, its value and the range; `nil` if the configuration is valid.
    var problem: String? {
        if let problem = limits.problem { return problem }
        if case .isolated(let sharedLimit) = policy, sharedLimit < 1 {
            return "policy: sharedLimit is \(sharedLimit); use 1 or more"
        }
        if case .list(let coins) = coinCheck, coins.isEmpty {
            return "coinCheck is an empty list, which refuses every coin; use .none to check nothing"
        }
        guard (Duration.seconds(1)...Duration.seconds(3600)).contains(acknowledgementTimeout) else {
            return "acknowledgementTimeout is \(acknowledgementTimeout); use 1 s to 1 h"
        }
        guard (Duration.seconds(1)...Duration.seconds(50)).contains(idleTimeout) else {
            return
                "idleTimeout is \(idleTimeout); use 1 s to 50 s, because the venue closes a silent connection at 60 s"
        }
        let ages = Duration.seconds(60)...Duration.seconds(7 * 86_400)
        if let age = maximumConnectionAge, !ages.contains(age) {
            return "maximumConnectionAge is \(age); use 1 min to 7 days, or nil for never"
        }
        guard (65_536...(1 << 30)).contains(messageByteLimit) else {
            return "messageByteLimit is \(messageByteLimit); use 65536 to 1073741824"
        }
        do throws(TransportError) {
            try tls.checkFiles()
        } catch {
            return "trustedRootFiles: \(error.message)"
        }
        return headers.keys.sorted().lazy.compactMap { Self.problem(ofHeader: $0, value: headers[$0] ?? "") }.first
    }

    /// The problem with a header; `nil` if it can be sent. A line end would let a value pass for further headers.
    private static func problem(ofHeader name: String, value: String) -> String? {
        let reserved = ["host", "upgrade", "connection", "content-length", "transfer-encoding"]
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }) else {
            return "headers has \(name.debugDescription), which is no name of a header"
        }
        if reserved.contains(name.lowercased()) || name.lowercased().hasPrefix("sec-websocket-") {
            return "headers has \(name), which the client sets itself"
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            return "headers has a value for \(name) with a control character, such as a line end"
        }
        return nil
    }

    /// The engine's configuration.
    var engine: EngineConfiguration {
        var engine = EngineConfiguration()
        engine.limits = limits
        engine.idleTimeout = idleTimeout
        engine.maximumConnectionAge = maximumConnectionAge
        engine.spareConnectionCount = maximumConnectionAge == nil ? 0 : 1
        engine.policy = policy
        return engine
    }

    /// The authorities that a connection trusts.
    var tls: TLSSettings {
        var tls = TLSSettings()
        tls.additionalRootFiles = trustedRootFiles
        return tls
    }
}

/// How a client checks the coins of feeds before it sends anything. A coin that is refused is not sent; the error has the
/// code `invalidFeed` and names the nearest coin.
public enum CoinCheck: Hashable, Sendable {
    /// No coin is checked.
    case none
    /// Only these coins are sent, for example those of a `Universe` from an earlier run.
    case list(Set<Coin>)
    /// The venue is asked for what it lists (``HyperliquidClient/universe(maximumAge:timeout:)``), once an hour, and again
    /// for a coin that is not found. A coin that is not listed, or is delisted, is refused. The readable name of a spot pair
    /// is sent as the venue spells it, so that both names are one feed: `HYPE/USDC` is `@107`.
    ///
    /// The first subscription to a coin waits for the answer, for 3 s at most; without an answer, coins are sent unchecked,
    /// unless an earlier answer marks one as delisted, or lists it in another case. Subscriptions that are only registered
    /// before the client runs are not checked.
    case learned
}
