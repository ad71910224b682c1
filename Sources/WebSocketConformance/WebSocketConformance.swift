internal import ArgumentParser
internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

/// Drives the two sides of `WebSocketTransport` under Autobahn's test suite, which `scripts/autobahn.sh` starts.
@main
struct WebSocketConformance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "WebSocketConformance",
        abstract: "Put this package's WebSockets through Autobahn's test suite.",
        subcommands: [ClientCommand.self, ServerCommand.self])
}

/// The client under the suite's fuzzing server.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Run every case of a fuzzing server, send each message back, and let the server write its reports.",
        discussion: "Exit status: 0 if every case was run, whatever its result; 1 if the server cannot be reached.")

    @Option(help: ArgumentHelp("The name of this client in the reports.", valueName: "name"))
    var agent = "swift-hyperliquid"

    @Argument(help: "The address of the fuzzing server, for example ws://127.0.0.1:9001.")
    var url: String

    func validate() throws {
        do throws(TransportError) {
            _ = try Endpoint(url)
        } catch {
            throw ValidationError("\(error.message).")
        }
    }

    func run() async throws {
        let counted = try await visit("getCaseCount")
        guard let count = counted.firstText.flatMap({ Int($0) }) else {
            throw CleanExit.message("The server does not tell its number of cases; is it Autobahn's fuzzing server?")
        }
        for number in stride(from: 1, through: count, by: 1) {
            _ = try await visit("runCase?case=\(number)&agent=\(agent)")
        }
        _ = try await visit("updateReports?agent=\(agent)")
        print("\(count) cases")
    }

    /// Opens a connection, sends each message back, and returns when the server has closed the connection.
    /// - Throws: `ValidationError` if the connection cannot be made.
    private func visit(_ path: String) async throws -> EchoEnd.Outcome {
        let endpoint = try Endpoint(url.hasSuffix("/") ? url + path : "\(url)/\(path)")
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (outcomes, continuation) = AsyncStream.makeStream(of: EchoEnd.Outcome.self)
        loop.execute {
            var settings = DialSettings()
            // Some cases wait for seconds before they end.
            settings.closeTimeout = .seconds(60)
            var randomness = SystemRandomness()
            _ = Dialer.dial(
                endpoint, settings: settings, on: loop, delegate: EchoEnd(continuation), randomness: &randomness)
        }
        for await outcome in outcomes {
            if case .failed(let error) = outcome.close { throw error }
            return outcome
        }
        throw CancellationError()
    }
}

/// The server under the suite's fuzzing client.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Listen on 127.0.0.1 and send each message back, until the process is ended.")

    @Argument(help: "The port to listen on.")
    var port: Int

    func validate() throws {
        guard (1...65535).contains(port) else { throw ValidationError("The port is \(port); use 1 to 65535.") }
    }

    func run() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let delegate = try await loop.submit {
            NIOLoopBound(EchoServer() as any ListenerDelegate, eventLoop: loop)
        }.get()
        let listener = try await Listener.bind(
            host: "127.0.0.1", port: port, on: loop, delegate: delegate, closeTimeout: .seconds(60))
        // Nobody ends the stream: the process runs until it is ended from outside.
        for await _ in AsyncStream(Void.self, { _ in }) {}
        await listener.close()
    }
}

/// Accepts every WebSocket. Bound to its event loop.
private final class EchoServer: ListenerDelegate {
    func decide(_ upgrade: ListenerRequest) -> UpgradeDecision { .accept(EchoEnd(nil)) }

    func answer(_ request: ListenerRequest) -> ListenerResponse {
        ListenerResponse(status: 404, contentType: "text/plain", body: Array("Not Found".utf8))
    }
}

/// One end of a connection, which sends each message back. Bound to its event loop.
private final class EchoEnd: TransportDelegate {
    /// What has happened on a connection.
    struct Outcome: Sendable {
        var firstText: String?
        let close: TransportClose
    }

    private let outcomes: AsyncStream<Outcome>.Continuation?
    private var firstText: String?

    init(_ outcomes: AsyncStream<Outcome>.Continuation?) {
        self.outcomes = outcomes
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        let bytes = Self.copy(text)
        firstText = firstText ?? String(decoding: bytes, as: UTF8.self)
        connection.send(text: bytes)
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
        connection.send(binary: Self.copy(binary))
    }

    private static func copy(_ span: borrowing Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(span.count)
        for index in span.indices { bytes.append(span[index]) }
        return bytes
    }

    func transportClosed(_ reason: TransportClose) {
        outcomes?.yield(Outcome(firstText: firstText, close: reason))
        outcomes?.finish()
    }

    func transportOpened(_ connection: TransportConnection) {}
    func transportReadCompleted(_ connection: TransportConnection) {}
    func transportPonged(_ connection: TransportConnection) {}
    func transportWritabilityChanged(_ connection: TransportConnection) {}
}
