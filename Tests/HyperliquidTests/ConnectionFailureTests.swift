import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

/// Why there is no connection is told wherever users look: in errors, in the state of a subscription, and in that of
/// the connections.
@Suite("Connection failures", .overLoopback, .timeLimit(.minutes(30))) struct ConnectionFailureTests {
    /// A way in which a dial fails.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: ConnectionFailure.Code
        /// A part of the message.
        let words: String
        var httpStatus: Int?
        var configuration = ClientConfiguration()
        /// Serves something, and calls the given function with its address.
        let serve: @Sendable (@Sendable (String) async throws -> Void) async throws -> Void

        /// A server that answers the upgrade with these words.
        static func answer(
            _ what: String, _ answer: String, _ code: ConnectionFailure.Code, _ words: String, httpStatus: Int? = nil,
            scheme: String = "ws"
        ) -> Case {
            Case(testDescription: what, code: code, words: words, httpStatus: httpStatus) { body in
                let server = try await HostileServer.start { _ in .answer(answer) }
                try await body(scheme + server.url.dropFirst(2))
                await server.stop()
            }
        }

        /// A venue with a certificate, dialled at an address with another scheme or host.
        static func secure(
            _ what: String, _ code: ConnectionFailure.Code, _ words: String,
            change: @escaping @Sendable (String) -> String = { $0 }
        ) -> Case {
            Case(testDescription: what, code: code, words: words) { body in
                let venue = try await ScriptedVenue.start(tls: (TestCertificate.chain, TestCertificate.key))
                try await body(change(venue.url))
                await venue.stop()
            }
        }
    }

    private static let upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"

    static let cases: [Case] = [
        .answer(
            "403 with a body", "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nsuspended", .upgradeRefused,
            "403 Forbidden (\"suspended\")", httpStatus: 403),
        .answer(
            "429 without a body", "HTTP/1.1 429 Too Many Requests\r\n\r\n", .upgradeRefused, "429 Too Many Requests",
            httpStatus: 429),
        .answer(
            "a wrong key", upgrade + "Upgrade: websocket\r\nSec-WebSocket-Accept: abc\r\n\r\n", .upgradeInvalid,
            "wrong key"),
        .answer(
            "no Upgrade header", upgrade + "Sec-WebSocket-Accept: abc\r\n\r\n", .upgradeInvalid, "did not upgrade"),
        .answer("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", .upgradeInvalid, "does not speak HTTP"),
        .answer("nothing", "", .unreachable, "closed the connection before the upgrade"),
        .answer(
            "wss at a port of ws", "HTTP/1.1 400 Bad Request\r\n\r\n", .tlsFailed, "is its address ws://?",
            scheme: "wss"),
        .secure("ws at a port of wss", .unreachable, "is its address wss://?") { "ws" + $0.dropFirst(3) },
        .secure("an unknown issuer", .certificateUntrusted, "unknown issuer"),
        Case(testDescription: "an unknown name", code: .nameNotResolved, words: "no-such-host.invalid") { body in
            try await body("ws://no-such-host.invalid/ws")
        },
        Case(testDescription: "nobody listens", code: .connectionRefused, words: "Nothing listens") { body in
            try await body(Addresses.dead().api)
        },
    ]

    @Test(arguments: cases)
    func `the last failure is told by errors, subscriptions and connections`(_ test: Case) async throws {
        try await test.serve { address in
            let log = LogInbox()
            var configuration = test.configuration
            configuration.logger = log.configuration.logger
            try await withClient(
                of: .custom(api: address, explorer: address), configuration: configuration
            ) { client in
                let waiting = try await client.subscribe(to: .allMids(), until: .registered)
                let line = try await log.lines.first { $0.message == "Connection ended" ? $0 : nil }
                #expect(line.metadata["reason"]?.contains(test.words) == true, "\(line.metadata)")
                check(await client.subscriptions().first?.lastFailure, test, address)
                // The connection that failed is dialled again meanwhile, which does not hide the failure.
                let timedOut = await #expect(throws: HyperliquidError.self) {
                    try await client.subscribe(to: .trades("BTC"), timeout: .milliseconds(30))
                }
                #expect(timedOut?.code == .timedOut)
                #expect(timedOut?.message.contains(test.words) == true, "\(String(describing: timedOut))")
                check(timedOut?.cause, test, address)
                let unanswered = await #expect(throws: HyperliquidError.self) {
                    try await client.post(info: #"{"type":"meta"}"#, timeout: .milliseconds(30))
                }
                check(unanswered?.cause, test, address)
                try await client.unsubscribe(waiting.id)
                let info = await client.connectionInfo()
                check(info.lastFailures.first, test, address)
                let ending = Task { try await client.subscribe(to: .trades("ETH")) }
                while await client.subscriptions().isEmpty { await Task.yield() }
                await client.shutDown()
                let ended = await #expect(throws: HyperliquidError.self) { try await ending.value }
                #expect(ended?.code == .clientEnded)
                check(ended?.cause, test, address)
                check(await client.connectionInfo().lastFailures.first, test, address)
            }
        }
    }

    private func check(_ cause: (any Error)?, _ test: Case, _ address: String) {
        guard let failure = cause as? ConnectionFailure else {
            Issue.record("\(String(describing: cause)) tells nothing")
            return
        }
        #expect(failure.code == test.code, "\(failure)")
        #expect(failure.message.contains(test.words), "\(failure)")
        #expect(failure.httpStatus == test.httpStatus)
        #expect(failure.address == address)
        #expect(failure.timeMilliseconds > 0)
    }

    @Test func `a failure is forgotten once a dial succeeds`() async throws {
        let log = LogInbox()
        let server = try await HostileServer.start { $0 == 0 ? .answer("") : .send([]) }
        try await withClient(
            of: .custom(api: server.url, explorer: server.url), configuration: log.configuration
        ) { client in
            let trades = try await client.subscribe(to: .trades("BTC"), until: .registered)
            let ended = try await log.lines.first { $0.message == "Connection ended" ? $0 : nil }
            #expect(ended.metadata["reason"]?.contains("before the upgrade") == true)
            _ = try await log.lines.first { $0.message == "Connection opened" ? $0 : nil }
            #expect(await client.connectionInfo().lastFailures.isEmpty)
            #expect(await client.subscriptions().map(\.lastFailure) == [nil])
            withExtendedLifetime(trades) {}
        }
        await server.stop()
    }

    @Test func `a connection that the venue rotates is no failure`() async throws {
        let log = LogInbox()
        try await withScript(configuration: log.configuration) { client, venue in
            let trades = try await client.subscribe(to: .trades("BTC"))
            try await venue.expire(0)
            _ = try await log.lines.first { $0.message == "Connection ended" ? $0 : nil }
            #expect(await client.connectionInfo().lastFailures.isEmpty)
            withExtendedLifetime(trades) {}
        }
    }
}
