import HyperliquidWire
import NIOCore
import NIOPosix
import WebSocketTransport

/// A venue that follows a test: it reports what its clients do, and sends what the test says.
final class ScriptedVenue: Sendable {
    /// What a client did; connections are counted from 0.
    enum Fact: Hashable, Sendable {
        case opened(Int)
        case received(Int, String)
        case closed(Int, TransportClose)
    }

    let url: String
    let facts: Inbox<Fact>
    private let listener: Listener
    private let script: NIOLoopBound<Script>
    private let group: MultiThreadedEventLoopGroup

    private init(
        url: String, facts: Inbox<Fact>, listener: Listener, script: NIOLoopBound<Script>,
        group: MultiThreadedEventLoopGroup
    ) {
        self.url = url
        self.facts = facts
        self.listener = listener
        self.script = script
        self.group = group
    }

    /// - Parameter acknowledges: Whether the venue acknowledges subscribes and unsubscribes, and answers pings, by itself.
    static func start(
        acknowledges: Bool = true, tls: (certificate: String, key: String)? = nil
    ) async throws -> ScriptedVenue {
        try await Addresses.unused {
            try await bind(acknowledges: acknowledges, tls: tls)
        } url: {
            $0.url
        } stop: {
            await $0.stop()
        }
    }

    private static func bind(
        acknowledges: Bool, tls: (certificate: String, key: String)?
    ) async throws -> ScriptedVenue {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let facts = Inbox<Fact>()
        let script = try await loop.submit {
            NIOLoopBound(Script(facts: facts, acknowledges: acknowledges), eventLoop: loop)
        }.get()
        let delegate = try await loop.submit {
            NIOLoopBound(script.value as any ListenerDelegate, eventLoop: loop)
        }.get()
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, on: loop, delegate: delegate, tls: tls)
        let scheme = tls == nil ? "ws" : "wss"
        return ScriptedVenue(
            url: "\(scheme)://127.0.0.1:\(listener.localPort)/ws", facts: facts, listener: listener, script: script,
            group: group)
    }

    /// Sends messages on one connection, in one go.
    func send(_ texts: String..., to connection: Int = 0) async throws {
        let script = script
        try await group.next().submit {
            for text in texts { script.value.ports[connection].connection?.send(text: Array(text.utf8)) }
        }.get()
    }

    /// Drops a connection without a Close frame.
    func kill(_ connection: Int) async throws {
        let script = script
        try await group.next().submit { script.value.ports[connection].connection?.abort() }.get()
    }

    /// Closes a connection as the venue does when it rotates.
    func expire(_ connection: Int) async throws {
        let script = script
        try await group.next().submit {
            script.value.ports[connection].connection?.close(code: .normal, reason: "Expired")
        }.get()
    }

    /// Makes the venue answer `text`, on any connection, with these messages.
    func whenReceived(_ text: String, send texts: String...) async throws {
        try await whenReceived(text, send: texts)
    }

    /// As above.
    func whenReceived(_ text: String, send texts: [String]) async throws {
        let script = script
        try await group.next().submit { script.value.reactions[text] = texts }.get()
    }

    /// The number of subscribes received.
    func subscribeCount() async throws -> Int {
        let script = script
        return try await group.next().submit { script.value.subscribeCount }.get()
    }

    /// Whether requests are answered from now on.
    func acknowledge(_ isOn: Bool) async throws {
        let script = script
        try await group.next().submit { script.value.acknowledges = isOn }.get()
    }

    /// Waits until `text` has come, on any connection or on the wanted one, and returns its number.
    @discardableResult func received(_ text: String, on wanted: Int? = nil) async throws -> Int {
        try await facts.first { fact in
            guard case .received(let connection, text) = fact, wanted ?? connection == connection else { return nil }
            return connection
        }
    }

    /// Waits until a feed has been subscribed on a connection, in any order among others.
    func asked(for request: FeedRequest, on connection: Int) async throws {
        let script = script
        let text = #"{"method":"subscribe","subscription":\#(request)}"#
        while try await !group.next().submit({ script.value.log.contains(.received(connection, text)) }).get() {
            _ = try await facts.next()
        }
    }

    /// Waits until a connection has ended, and returns how.
    func closed(_ connection: Int) async throws -> TransportClose {
        try await facts.first { fact in
            if case .closed(connection, let reason) = fact { reason } else { nil }
        }
    }

    func stop() async {
        await listener.close()
        // Fails only when it was stopped before.
        try? await group.shutdownGracefully()
    }
}

/// The script's end of every connection. Bound to its loop.
final class Script: ListenerDelegate {
    let facts: Inbox<ScriptedVenue.Fact>
    var acknowledges: Bool
    var reactions: [String: [String]] = [:]
    var log: [ScriptedVenue.Fact] = []
    var subscribeCount: Int {
        log.count { fact in
            if case .received(_, let text) = fact { text.hasPrefix(#"{"method":"subscribe""#) } else { false }
        }
    }
    var ports: [ScriptPort] = []

    init(facts: Inbox<ScriptedVenue.Fact>, acknowledges: Bool) {
        self.facts = facts
        self.acknowledges = acknowledges
    }

    func note(_ fact: ScriptedVenue.Fact) {
        log.append(fact)
        facts.put(fact)
    }

    func decide(_ upgrade: ListenerRequest) -> UpgradeDecision {
        guard upgrade.path == "/ws" else { return .refuse(status: 404, text: "Not Found") }
        ports.append(ScriptPort(index: ports.count, script: self))
        return .accept(ports[ports.count - 1])
    }

    func answer(_ request: ListenerRequest) -> ListenerResponse {
        ListenerResponse(status: 404, contentType: "text/plain", body: [])
    }
}

/// One connection of a script. Bound to its loop.
final class ScriptPort: TransportDelegate {
    private let index: Int
    private unowned let script: Script
    private(set) var connection: TransportConnection?

    init(index: Int, script: Script) {
        self.index = index
        self.script = script
    }

    func transportOpened(_ connection: TransportConnection) {
        self.connection = connection
        script.note(.opened(index))
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        let text = String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
        script.note(.received(index, text))
        if script.acknowledges { acknowledge(text, on: connection) }
        for text in script.reactions[text] ?? [] { connection.send(text: Array(text.utf8)) }
    }

    private func acknowledge(_ text: String, on connection: TransportConnection) {
        if text == #"{"method":"ping"}"# {
            connection.send(text: Array(#"{"channel":"pong"}"#.utf8))
        } else if !text.hasPrefix(#"{"method":"post""#) {
            connection.send(text: Array(#"{"channel":"subscriptionResponse","data":\#(text)}"#.utf8))
        }
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {}
    func transportReadCompleted(_ connection: TransportConnection) {}
    func transportPonged(_ connection: TransportConnection) {}
    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        script.note(.closed(index, reason))
    }
}
