import NIOCore
import TestPacing
import Testing
import WebSocketTransport

/// Secure connections, with the tests' own certificate authority.
@Suite("TLS", .overLoopback, .timeLimit(.minutes(30))) struct TLSTests {
    private static func trusting() -> DialSettings {
        var settings = DialSettings.patient
        settings.tls.additionalRoots = [Certificates.trusted]
        return settings
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `a trusted certificate with the right name is accepted, and messages pass`(host: String) async throws {
        let server = try await RunningServer.start(.echo, tls: (Certificates.good, Certificates.goodKey))
        var client = try await TestConnection.dial("wss://\(host):\(server.port)/ws", settings: Self.trusting())
        #expect(await client.next() == .opened)
        let text = [UInt8](repeating: 0x61, count: 300_000)
        try await client.perform { $0.send(text: text) }
        #expect(await client.next() == .text(text))
        try await client.perform { $0.close(code: .normal, reason: "") }
        #expect(await client.next() == .closed(.byUs))
        await server.stop()
    }

    static let refused: [(certificate: String, key: String, code: TransportError.Code)] = [
        (Certificates.untrusted, Certificates.untrustedKey, .certificateUntrusted),
        (Certificates.expired, Certificates.expiredKey, .certificateExpired),
        (Certificates.elsewhere, Certificates.elsewhereKey, .hostnameMismatch),
    ]

    @Test(arguments: refused, ["localhost", "127.0.0.1"])
    func `a certificate that is untrusted, expired or for another name is refused with an error of its own`(
        served: (certificate: String, key: String, code: TransportError.Code), host: String
    ) async throws {
        let server = try await RunningServer.start(.echo, tls: (served.certificate, served.key))
        var client = try await TestConnection.dial("wss://\(host):\(server.port)/ws", settings: Self.trusting())
        #expect(await client.failure()?.code == served.code)
        await server.stop()
    }

    @Test func `an authority that was not added is not trusted`() async throws {
        let server = try await RunningServer.start(.echo, tls: (Certificates.good, Certificates.goodKey))
        var client = try await TestConnection.dial("wss://localhost:\(server.port)/ws")
        #expect(await client.failure()?.code == .certificateUntrusted)
        await server.stop()
    }

    @Test func `TLS on a plain port fails differently from a bad certificate`() async throws {
        let server = try await RunningServer.start(.echo)
        var client = try await TestConnection.dial("wss://localhost:\(server.port)/ws", settings: Self.trusting())
        let failure = await client.failure()
        #expect(failure?.code == .tlsFailed)
        #expect(failure?.message.contains("ws://") == true, "\(String(describing: failure))")
        await server.stop()
    }

    @Test func `a plain dial to a TLS port says that the address may be wss`() async throws {
        let server = try await RunningServer.start(.echo, tls: (Certificates.good, Certificates.goodKey))
        var client = try await TestConnection.dial("ws://localhost:\(server.port)/ws")
        let failure = await client.failure()
        #expect(failure?.code == .upgradeInvalid || failure?.code == .unreachable)
        #expect(failure?.message.contains("wss://") == true, "\(String(describing: failure))")
        await server.stop()
    }

    @Test func `an unreadable authority fails the dial with the reason`() async throws {
        var settings = DialSettings.patient
        settings.tls.additionalRootFiles = ["/nowhere/roots.pem"]
        let server = try await RunningServer.start(.echo, tls: (Certificates.good, Certificates.goodKey))
        var client = try await TestConnection.dial("wss://localhost:\(server.port)/ws", settings: settings)
        let failure = await client.failure()
        #expect(failure?.code == .certificateUnreadable, "\(String(describing: failure))")
        #expect(failure?.message.contains("/nowhere/roots.pem") == true)
        await server.stop()
    }

    static let unusable: [(certificate: String, key: String)] = [
        ("", Certificates.goodKey), (Certificates.good, ""), (Certificates.good, Certificates.expiredKey),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Certificates.goodKey),
    ]

    @Test(arguments: unusable)
    func `a listener whose certificate cannot be used is not opened`(certificate: String, key: String) async throws {
        let error = await #expect(throws: TransportError.self) {
            try await RunningServer.start(.echo, tls: (certificate, key))
        }
        #expect(error?.code == .certificateUnreadable)
    }

    @Test func `a secure peer that closes without close_notify ends the connection at once`() async throws {
        var server = try await RunningServer.start(.silent, tls: (Certificates.good, Certificates.goodKey))
        var client = try await TestConnection.dial("wss://localhost:\(server.port)/ws", settings: Self.trusting())
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        #expect(await accepted.next() == .opened)
        try await accepted.perform { $0.abort() }
        #expect(await accepted.next() == .closed(.byUs))
        guard case .lost? = await client.end() else {
            Issue.record("the loss was not reported")
            return
        }
        await server.stop()
    }
}
