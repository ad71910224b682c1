import NIOCore
import Testing
import WebSocketTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The client and the server under Autobahn's test suite, which `scripts/autobahn.sh` starts and evaluates.
@Suite("Autobahn") struct AutobahnTests {
    private static func setting(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The address of the suite's fuzzing server, for the client.
    static let server = setting("AUTOBAHN_SERVER")
    /// The port on which the suite's fuzzing client expects the server, which it ends by a GET.
    static let port = setting("AUTOBAHN_PORT").flatMap { Int($0) }

    @Test(.enabled(if: server != nil)) func `the client passes through every case of the suite`() async throws {
        let server = try #require(Self.server)
        let count = try await count(server)
        for number in 1...max(count, 1) {
            var client = try await TestConnection.dial("\(server)/runCase?case=\(number)&agent=ours", answer: Self.echo)
            _ = await client.end()
        }
        var update = try await TestConnection.dial("\(server)/updateReports?agent=ours")
        _ = await update.end()
    }

    private func count(_ server: String) async throws -> Int {
        var client = try await TestConnection.dial("\(server)/getCaseCount")
        #expect(await client.next() == .opened)
        guard case .text(let bytes)? = await client.next() else { return 0 }
        return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    private static let echo: @Sendable (TransportConnection, RecordingDelegate.Event) -> Void = { connection, event in
        switch event {
        case .text(let bytes): connection.send(text: bytes)
        case .binary(let bytes): connection.send(binary: bytes)
        case .opened, .ponged, .closed: break
        }
    }

    @Test(.enabled(if: port != nil)) func `the server passes through every case of the suite`() async throws {
        let port = try #require(Self.port)
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let delegate = try await testLoop.submit {
            NIOLoopBound(Testee(ask) as any ListenerDelegate, eventLoop: testLoop)
        }.get()
        let listener = try await Listener.bind(host: "127.0.0.1", port: port, on: testLoop, delegate: delegate)
        for await _ in asked { break }
        await listener.close()
    }

    /// Sends every message back until a GET ends it.
    private final class Testee: ListenerDelegate {
        private let end: AsyncStream<Void>.Continuation

        init(_ end: AsyncStream<Void>.Continuation) { self.end = end }

        func decide(_ upgrade: ListenerRequest) -> UpgradeDecision {
            .accept(
                RecordingDelegate(
                    events: AsyncStream.makeStream(of: RecordingDelegate.Event.self).continuation,
                    answer: AutobahnTests.echo))
        }

        func answer(_ request: ListenerRequest) -> ListenerResponse {
            end.finish()
            return ListenerResponse(status: 200, contentType: "text/plain", body: [])
        }
    }
}
