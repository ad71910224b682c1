import Hyperliquid
import Testing

@Suite("Configuration") struct ConfigurationTests {
    typealias Change = @Sendable (inout ClientConfiguration) -> Void

    static let accepted: [Change] = [
        { _ in }, { $0.acknowledgementTimeout = .seconds(1) }, { $0.acknowledgementTimeout = .seconds(3600) },
        { $0.idleTimeout = .seconds(1) }, { $0.idleTimeout = .seconds(50) }, { $0.messageByteLimit = 65_536 },
        { $0.messageByteLimit = 1 << 30 }, { $0.policy = .isolated(sharedLimit: 1) },
        { $0.maximumConnectionAge = .seconds(60) }, { $0.maximumConnectionAge = .seconds(7 * 86_400) },
        { $0.limits.connections = 1 }, { $0.limits.userLinger = .zero }, { $0.limits.users = 0 },
        { $0.limits.subscriptions = 0 }, { $0.limits.postsInFlight = 0 },
        { $0.headers = ["X-Key": "a b\t~é", "user-agent": ""] },
    ]

    @Test(arguments: accepted.indices)
    func `a configuration within its ranges is accepted`(index: Int) throws {
        var configuration = ClientConfiguration()
        Self.accepted[index](&configuration)
        _ = try HyperliquidClient(network: Addresses.dead(), configuration: configuration)
    }

    static let refused: [(Change, String)] = [
        ({ $0.acknowledgementTimeout = .milliseconds(999) }, "acknowledgementTimeout"),
        ({ $0.acknowledgementTimeout = .seconds(3601) }, "acknowledgementTimeout"),
        ({ $0.idleTimeout = .milliseconds(999) }, "idleTimeout"), ({ $0.idleTimeout = .seconds(51) }, "idleTimeout"),
        ({ $0.messageByteLimit = 65_535 }, "messageByteLimit"),
        ({ $0.messageByteLimit = (1 << 30) + 1 }, "messageByteLimit"),
        ({ $0.policy = .isolated(sharedLimit: 0) }, "sharedLimit"),
        ({ $0.maximumConnectionAge = .seconds(59) }, "maximumConnectionAge"),
        ({ $0.maximumConnectionAge = .seconds(7 * 86_400 + 1) }, "maximumConnectionAge"),
        ({ $0.limits.connections = 0 }, "limits.connections"),
        ({ $0.limits.users = -1 }, "limits.users"),
        ({ $0.limits.usersPerConnection = 0 }, "usersPerConnection"),
        ({ $0.limits.userLinger = .seconds(-1) }, "limits.userLinger"),
        ({ $0.trustedRootFiles = ["/nowhere/roots.pem"] }, "/nowhere/roots.pem"),
        ({ $0.trustedRootFiles = ["Package.swift"] }, "PEM"),
        ({ $0.headers = ["": "a"] }, "headers"), ({ $0.headers = ["A: b\r\nC": "a"] }, "headers"),
        ({ $0.headers = ["A": "secret\r\nB: c"] }, "headers"), ({ $0.headers = ["HOST": "a"] }, "HOST"),
        ({ $0.headers = ["Sec-WebSocket-Key": "a"] }, "Sec-WebSocket-Key"),
    ]

    @Test(arguments: refused.indices)
    func `a configuration out of a range is refused with the name of its field`(index: Int) throws {
        let (change, name) = Self.refused[index]
        var configuration = ClientConfiguration()
        change(&configuration)
        let error = #expect(throws: HyperliquidError.self) {
            try HyperliquidClient(network: Addresses.dead(), configuration: configuration)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(name) == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test(
        arguments: [
            ([:], ["User-Agent: swift-hyperliquid/\(ClientIdentity.version)"]),
            (["X-Key": "1"], ["User-Agent: swift-hyperliquid/\(ClientIdentity.version)", "X-Key: 1"]),
            (["user-agent": "mine"], ["user-agent: mine"]),
        ] as [([String: String], [String])])
    func `the upgrade names the client unless the user's headers do`(
        headers: [String: String], expected: [String]
    ) async throws {
        let heads = Inbox<String>()
        let server = try await HostileServer.start(heads: heads) { _ in .send([]) }
        var configuration = ClientConfiguration()
        configuration.headers = headers
        try await withClient(
            of: .custom(api: server.url, explorer: server.url), configuration: configuration
        ) { client in
            let subscription = try await client.subscribe(to: .trades("BTC"), until: .registered)
            let lines = try await heads.next().split(separator: "\r\n").map(String.init)
            #expect(lines.suffix(expected.count) == expected[...])
            #expect(lines.count { $0.lowercased().hasPrefix("user-agent:") } == 1)
            withExtendedLifetime(subscription) {}
        }
        await server.stop()
    }
}
