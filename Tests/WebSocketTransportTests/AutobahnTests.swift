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

/// Our two sides as testees of Autobahn's suite, which `scripts/autobahn.sh` starts and reads the reports of.
@Suite("Autobahn") struct AutobahnTests {
    private static func setting(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Where the suite's fuzzing server is, for our client.
    static let server = setting("AUTOBAHN_SERVER")
    /// Where the suite's fuzzing client will look for our server, and end it by a GET.
    static let port = setting("AUTOBAHN_PORT").flatMap { Int($0) }

    @Test(.enabled(if: server != nil)) func `our client is put through every case`() async throws {
        let server = try #require(Self.server)
        let count = try await count(server)
        for number in 1...max(count, 1) {
            var client = try await HeldEnd.dial("\(server)/runCase?case=\(number)&agent=ours", answer: Self.echo)
            _ = await client.end()
        }
        var update = try await HeldEnd.dial("\(server)/updateReports?agent=ours")
        _ = await update.end()
    }

    private func count(_ server: String) async throws -> Int {
        var client = try await HeldEnd.dial("\(server)/getCaseCount")
        #expect(await client.next() == .opened)
        guard case .text(let bytes)? = await client.next() else { return 0 }
        return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    private static let echo: @Sendable (TransportConnection, End.Event) -> Void = { connection, event in
        switch event {
        case .text(let bytes): connection.send(text: bytes)
        case .binary(let bytes): connection.send(binary: bytes)
        case .opened, .ponged, .closed: break
        }
    }

    @Test(.enabled(if: port != nil)) func `our server is put through every case`() async throws {
        let port = try #require(Self.port)
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let delegate = try await testLoop.submit {
            NIOLoopBound(Testee(ask) as any ListenerDelegate, eventLoop: testLoop)
        }.get()
        let listener = try await Listener.bind(host: "127.0.0.1", port: port, on: testLoop, delegate: delegate)
        for await _ in asked { break }
        await listener.close()
    }

    /// Sends everything back until it is asked to end.
    private final class Testee: ListenerDelegate {
        private let end: AsyncStream<Void>.Continuation

        init(_ end: AsyncStream<Void>.Continuation) { self.end = end }

        func decide(_ upgrade: ListenerRequest) -> UpgradeDecision {
            .accept(End(events: AsyncStream.makeStream(of: End.Event.self).continuation, answer: AutobahnTests.echo))
        }

        func answer(_ request: ListenerRequest) -> ListenerResponse {
            end.finish()
            return ListenerResponse(status: 200, contentType: "text/plain", body: [])
        }
    }
}
