internal import Hyperliquid
internal import WebSocketTransport

/// What the doctor looks at.
enum DoctorChecks {
    // MARK: Connections

    /// Address, dial, TLS, upgrade and pings of one place.
    static func connection(to url: String, name: String, wantsVenuePing: Bool) async -> [Check] {
        let endpoint: Endpoint
        do throws(TransportError) {
            endpoint = try Endpoint(url)
        } catch {
            return [.failed("\(name) address", error.message)]
        }
        let result = await ConnectionProbe.run(endpoint, wantsVenuePing: wantsVenuePing)
        if let failure = result.failure { return stages(of: endpoint, name, until: failure) }
        var checks = stages(of: endpoint, name, until: nil)
        checks[checks.count - 1].time = result.dialTime
        checks.append(ping("\(name) ping", "a ping frame", result.pingTime, result.close))
        if wantsVenuePing {
            checks.append(ping("\(name) ping message", #"{"method":"ping"}"#, result.venuePingTime, result.close))
        }
        return checks
    }

    /// The stages of a dial, up to the one that failed.
    private static func stages(of endpoint: Endpoint, _ name: String, until failure: TransportError?) -> [Check] {
        var stages = [("address", endpoint.host), ("dial", "port \(endpoint.port) answers")]
        if endpoint.isSecure { stages.append(("TLS", "the certificate is trusted and for this host")) }
        stages.append(("upgrade", "\(endpoint)"))
        guard let failure else { return stages.map { .passed("\(name) \($0.0)", $0.1) } }
        let failed =
            switch failure.code {
            case .invalidURL, .nameNotResolved: "address"
            case .tlsFailed, .certificateUntrusted, .hostnameMismatch, .tlsTimeout: "TLS"
            case .upgradeRefused, .upgradeInvalid, .upgradeTimeout: "upgrade"
            default: "dial"
            }
        let passed = stages.prefix { $0.0 != failed }.map { Check.passed("\(name) \($0.0)", $0.1) }
        return passed + [.failed("\(name) \(failed)", failure.message)]
    }

    private static func ping(_ name: String, _ what: String, _ time: Duration?, _ close: TransportClose?) -> Check {
        if let time { return .passed(name, "\(what) is answered", time) }
        let why = close.map { "the connection ended first: \($0)" } ?? "no answer within 5 s"
        return .failed(name, "\(what): \(why); something between here and there may hold back messages")
    }

    // MARK: Feeds

    /// Every feed of the catalogue, by its example.
    static func feeds(on client: HyperliquidClient) async -> [Check] {
        await withTaskGroup { group in
            for (index, type) in FeedCatalogue.feeds.enumerated() {
                let feed = type.descriptor.example
                group.addTask { (index, await check(feed, on: client)) }
            }
            var checks: [(Int, Check)] = []
            for await check in group { checks.append(check) }
            return checks.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// How long a feed may be silent before it is called so; many rightly are.
    private static let timeout = Duration.seconds(3)

    private static func check<F: Feed>(_ feed: F, on client: HyperliquidClient) async -> Check {
        let name = "feed \(feed.request.type)"
        let (heard, hearing) = AsyncStream.makeStream(of: DecodingFault?.self)
        let start = ContinuousClock.now
        do throws(HyperliquidError) {
            try await client.subscribe(
                to: feed,
                onEvent: { event in
                    switch event {
                    case .snapshot, .update: hearing.yield(nil)
                    case .undecodable(let fault): hearing.yield(fault)
                    case .gap: break
                    }
                })
        } catch {
            return .failed(name, error.message)
        }
        let time = start.duration(to: .now)
        switch await first(of: heard) {
        case .some(.some(let fault)): return .failed(name, "a message could not be read (\(fault)); please report it")
        case .some(.none): return .passed(name, "acknowledged, and brings data", time)
        case .none: return .passed(name, "acknowledged; nothing has happened on it yet", time)
        }
    }

    /// What comes first, or nothing when nothing does in time.
    private static func first(of heard: AsyncStream<DecodingFault?>) async -> DecodingFault?? {
        await withTaskGroup(of: DecodingFault??.self) { group in
            group.addTask {
                for await fault in heard { return .some(fault) }
                return .none
            }
            group.addTask {
                // Cancelled when something came.
                try? await Task.sleep(for: timeout)
                return .none
            }
            let first = await group.next() ?? .none
            group.cancelAll()
            return first
        }
    }

    // MARK: Limits

    /// What is left of the venue's limits, as this client counts them.
    static func limits(of client: HyperliquidClient) async -> [Check] {
        await client.connectionInfo().limits.map { limit in
            let detail = "\(limit.limit - limit.used) of \(limit.limit) left"
            return limit.used < limit.limit
                ? .passed("limit \(limit.name)", detail)
                : .failed("limit \(limit.name)", "\(detail); end other clients of this address, or watch fewer feeds")
        }
    }
}
