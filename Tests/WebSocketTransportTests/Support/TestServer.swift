import NIOCore
import WebSocketTransport

/// A listener that passes its connections to the test. Bound to its loop.
final class TestServer: ListenerDelegate {
    /// What it does with an upgrade.
    enum Manner: Sendable {
        case accept(@Sendable (TransportConnection, RecordingDelegate.Event) -> Void)
        case refuse(Int, String)
        case stall

        /// Sends every message back.
        static let echo = Manner.accept { connection, event in
            switch event {
            case .text(let bytes): connection.send(text: bytes)
            case .binary(let bytes): connection.send(binary: bytes)
            case .opened, .ponged, .closed: break
            }
        }

        static let silent = Manner.accept { _, _ in }
    }

    private let manner: Manner
    private let ends: AsyncStream<HeldServerEnd>.Continuation

    /// What a test connection is made of.
    struct HeldServerEnd: Sendable {
        let end: NIOLoopBound<RecordingDelegate>
        let events: AsyncStream<RecordingDelegate.Event>
    }

    init(_ manner: Manner, ends: AsyncStream<HeldServerEnd>.Continuation) {
        self.manner = manner
        self.ends = ends
    }

    func decide(_ upgrade: ListenerRequest) -> UpgradeDecision {
        switch manner {
        case .refuse(let status, let text): return .refuse(status: status, text: text)
        case .stall: return .stall
        case .accept(let answer):
            let (stream, continuation) = AsyncStream.makeStream(of: RecordingDelegate.Event.self)
            let end = RecordingDelegate(events: continuation, answer: answer)
            ends.yield(HeldServerEnd(end: NIOLoopBound(end, eventLoop: testLoop), events: stream))
            return .accept(end)
        }
    }

    func answer(_ request: ListenerRequest) -> ListenerResponse {
        ListenerResponse(
            status: 200, contentType: "text/plain", body: Array("\(request.method) \(request.path)".utf8) + request.body
        )
    }
}

/// A listening test server.
struct RunningServer {
    private let listener: Listener
    private var ends: AsyncStream<TestServer.HeldServerEnd>.Iterator
    let port: Int

    static func start(
        _ manner: TestServer.Manner, tls: (certificate: String, key: String)? = nil, limit: Int = 16 << 20,
        closeTimeout: Duration = .seconds(60)
    ) async throws -> RunningServer {
        let (stream, continuation) = AsyncStream.makeStream(of: TestServer.HeldServerEnd.self)
        let delegate = try await testLoop.submit {
            NIOLoopBound(TestServer(manner, ends: continuation) as any ListenerDelegate, eventLoop: testLoop)
        }.get()
        let listener = try await Listener.bind(
            host: "127.0.0.1", port: 0, on: testLoop, delegate: delegate, tls: tls, maxMessageByteCount: limit,
            closeTimeout: closeTimeout)
        return RunningServer(listener: listener, ends: stream.makeAsyncIterator(), port: listener.localPort)
    }

    var url: String { "ws://127.0.0.1:\(port)/ws" }

    /// The next accepted connection.
    mutating func accepted() async -> TestConnection? {
        guard let parts = await ends.next(isolation: #isolation) else { return nil }
        return TestConnection(parts.end, testLoop, parts.events)
    }

    func stop() async { await listener.close() }
}
