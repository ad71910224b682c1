import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import NIOConcurrencyHelpers
import TestPacing
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Connections die every three seconds under five hundred subscriptions, some with readers that are slow or never read.
///
/// By default for 15 s, in a process of its own, because that process's open files and memory are measured.
/// `scripts/soak.sh` runs an hour, with the exchange in another process, whose books grow; docs/soak.md has its figures.
@Suite("Soak", .heavyOverLoopback, .timeLimit(.minutes(120))) struct SoakTests {
    /// The state of the process and the client at one moment.
    private struct Sample: CustomStringConvertible {
        let seconds: Int64
        let megabytes: Int
        let fileCount: Int
        let eventCount: Int
        let liveCount: Int
        let reconnectCount: Int

        var description: String {
            "\(seconds) s: \(megabytes) MB, \(fileCount) files, \(eventCount) events, \(liveCount) live, "
                + "\(reconnectCount) reconnects"
        }
    }

    @Test func `memory stays flat, and nothing is left at the end`() async throws {
        // Alone in its process, a long run shows its figures.
        if let seconds = Self.number("HYPERLIQUID_SOAK_SECONDS") { return try await Self.check(seconds: seconds) }
        await #expect(processExitsWith: .success) { try await Self.check(seconds: 15) }
    }

    /// The number in an environment variable; `nil` if the variable is not set.
    private static func number(_ name: String) -> Int64? {
        unsafe getenv(name).flatMap { unsafe Int64(String(cString: $0)) }
    }

    private static func check(seconds: Int64) async throws {
        _ = try await soak(seconds: 3)  // What lives as long as the process is made.
        let fileCount = OpenFiles.count
        let samples = try await soak(seconds: seconds)
        #expect(OpenFiles.count == fileCount)
        let end = samples[samples.count - 1]
        #expect(end.reconnectCount > 0, "\(samples)")
        // In the first ten minutes, buffers and tables grow to their sizes.
        guard let grown = samples.first(where: { $0.seconds >= 600 }) else { return }
        #expect(end.megabytes <= grown.megabytes + grown.megabytes / 10, "\(samples)")
    }

    /// Five hundred feeds of many coins and a few users.
    private static func feeds(_ coins: some Sequence<Coin>) -> [RawFeed] {
        let markets = coins.prefix(160).flatMap { coin in
            ["trades", "bbo", "activeAssetCtx"].map { RawFeed(type: $0, fields: [("coin", .string(coin.name))]) }
        }
        let users = (1...4).flatMap { number in
            ["orderUpdates", "userFills", "userEvents", "openOrders", "webData3"].map {
                RawFeed(type: $0, fields: [("user", .string("0x" + String(repeating: "\(number)", count: 40)))])
            }
        }
        return markets + users
    }

    private static func soak(seconds: Int64) async throws -> [Sample] {
        var configuration = ExchangeConfiguration.quick
        configuration.speed = 1
        configuration.marketSize = .full
        configuration.faults = FaultPlan(
            stride(from: Int64(3), to: seconds, by: 3).map { second in
                let target: FaultAction.Target = second.isMultiple(of: 2) ? .oldest : .newest
                return .init(at: .seconds(second), second.isMultiple(of: 9) ? .expire(.all) : .kill(target))
            })
        var engine = EngineConfiguration.quick
        engine.policy = .isolated(sharedLimit: 100)
        let events = NIOLockedValueBox(0)
        let follow = { (client: HyperliquidClient) in
            let mids = try await Reader(AllMidsFeed(), through: .callback, on: client)
            let feeds = feeds(try await mids.data().map(\.coin))
            #expect(feeds.count == 500)
            // One reader in ten never reads, with a buffer that keeps the last event or the last fifty.
            var unread: [Subscription<RawFeed>] = []
            for (index, feed) in feeds.enumerated() {
                switch index % 20 {
                case 0:
                    unread.append(try await client.subscribe(to: .feed(feed), until: .registered, delivery: .latest))
                case 10:
                    unread.append(
                        try await client.subscribe(
                            to: .feed(feed), until: .registered, delivery: .droppingOldest(limit: 50)))
                default:
                    try await client.subscribe(to: .feed(feed), until: .registered) { _ in
                        events.withLockedValue { $0 += 1 }
                    }
                }
            }
            var samples: [Sample] = []
            var start: Int64?
            let clock = try await Reader(L2BookFeed(coin: "BTC"), through: .callback, on: client)
            let interval = max(seconds / 60, 1)
            while (samples.last?.seconds ?? 0) < seconds {
                let now = try await clock.data().timeMilliseconds
                start = start ?? now
                let time = (now - (start ?? now)) / 1000
                // Not in the second in which connections die.
                guard time >= (samples.last?.seconds ?? 0) + interval, time % 3 == 2 else { continue }
                samples.append(await sample(at: time, client, events.withLockedValue { $0 }))
                if seconds > 60 { print(samples[samples.count - 1]) }
            }
            #expect(unread.count == 50)
            return samples
        }
        if let port = number("HYPERLIQUID_SOAK_PORT") {
            let address = "ws://127.0.0.1:\(port)"
            let network = HyperliquidNetwork.custom(api: address + "/ws", explorer: address + "/explorer")
            return try await withClient(of: network, engine: engine, body: follow)
        }
        return try await withExchange(configuration, engine: engine) { client, _ in try await follow(client) }
    }

    private static func sample(at second: Int64, _ client: HyperliquidClient, _ eventCount: Int) async -> Sample {
        let info = await client.connectionInfo()
        return Sample(
            seconds: second, megabytes: residentMegabytes, fileCount: OpenFiles.count, eventCount: eventCount,
            liveCount: await client.subscriptions().count { $0.state == .live },
            reconnectCount: info.connections.reduce(0) { $0 + $1.reconnectCount })
    }

    /// The memory that the process occupies; 0 where it is not known.
    private static var residentMegabytes: Int {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ")
        let pageCount = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        return pageCount * Int(sysconf(Int32(_SC_PAGESIZE))) / (1 << 20)
    }
}
