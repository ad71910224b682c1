import Foundation
import HyperliquidSimulator
import HyperliquidWire
import Testing
import WebSocketTransport

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The exchange on real sockets, on this machine.
@Suite("Served exchange", .timeLimit(.minutes(10))) struct ShellTests {
    private static func serving(
        _ configure: (inout ExchangeConfiguration) -> Void = { _ in },
        _ body: (SimulatedExchange) async throws -> Void
    ) async throws {
        var configuration = ExchangeConfiguration()
        configuration.marketSize = .small
        configure(&configuration)
        let exchange = try await SimulatedExchange.start(configuration: configuration)
        do {
            try await body(exchange)
            await exchange.stop()
        } catch {
            await exchange.stop()
            throw error
        }
    }

    private static func request(
        _ exchange: SimulatedExchange, _ path: String, method: String = "POST", body: String = ""
    ) async throws -> (status: Int, type: String?, body: String) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(exchange.port)\(path)")))
        request.httpMethod = method
        if method == "POST" { request.httpBody = Data(body.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        return (
            answer.statusCode, answer.value(forHTTPHeaderField: "Content-Type"), String(decoding: data, as: UTF8.self)
        )
    }

    @Test func `a subscription is acknowledged and followed by its data`() async throws {
        try await Self.serving { exchange in
            let caller = try await Caller(exchange.url)
            var events = caller.events.makeAsyncIterator()
            #expect(await events.next() == .opened)
            try await caller.send(#"{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}"#)
            let acknowledgement = await events.nextMessage()
            #expect(
                acknowledgement
                    == #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}}"#
            )
            for _ in 1...3 { #expect(await events.nextMessage()?.hasPrefix(#"{"channel":"bbo""#) == true) }
            try await caller.close()
            _ = await events.end()
        }
    }

    @Test func `the explorer's socket sends bare arrays`() async throws {
        try await Self.serving { exchange in
            let caller = try await Caller(exchange.explorerURL)
            var events = caller.events.makeAsyncIterator()
            try await caller.sendWhenOpen(#"{"method":"subscribe","subscription":{"type":"explorerBlock"}}"#, &events)
            #expect(await events.nextMessage()?.hasPrefix(#"{"channel":"subscriptionResponse""#) == true)
            for _ in 1...2 { #expect(await events.nextMessage()?.hasPrefix(#"[{"blockTime":"#) == true) }
            try await caller.close()
            _ = await events.end()
        }
    }

    @Test func `one connection too many is refused with the configured status`() async throws {
        try await Self.serving {
            $0.connectionLimit = 1
            $0.refusalStatus = 503
        } _: { exchange in
            let first = try await Caller(exchange.url)
            var firstEvents = first.events.makeAsyncIterator()
            #expect(await firstEvents.next() == .opened)
            var events = try await Caller(exchange.url).events.makeAsyncIterator()
            guard case .failed(let error)? = await events.end() else {
                Issue.record("the upgrade was not refused")
                return
            }
            #expect(error.code == .upgradeRefused)
            #expect(error.httpStatus == 503)
        }
    }

    @Test func `a rotation on command closes with its code and reason, a kill without`() async throws {
        try await Self.serving { exchange in
            for (action, end) in [
                (FaultAction.expire(.all), TransportClose.byPeer(code: 1000, reason: "Expired")),
                (.kill(.all), .lost("")),
            ] {
                let caller = try await Caller(exchange.url)
                var events = caller.events.makeAsyncIterator()
                // An answer shows that the exchange, too, counts the connection as open.
                try await caller.sendWhenOpen(#"{"method":"ping"}"#, &events)
                #expect(await events.nextMessage() == #"{"channel":"pong"}"#)
                await exchange.perform(action)
                let reason = await events.end()
                if case .lost = end {
                    guard case .lost? = reason else {
                        Issue.record("\(String(describing: reason))")
                        continue
                    }
                } else {
                    #expect(reason == end)
                }
            }
        }
    }

    @Test func `requests over REST are answered, unknown ones with 422`() async throws {
        try await Self.serving { exchange in
            let known = try await Self.request(exchange, "/info", body: #"{"type":"allMids"}"#)
            #expect(known.status == 200)
            #expect(known.type?.hasPrefix("application/json") == true)
            #expect(JSON(known.body)["BTC"].decimal != nil)
            let unknown = try await Self.request(exchange, "/info", body: #"{"type":"noSuchType"}"#)
            #expect(unknown.status == 422)
            #expect(unknown.body == "Failed to deserialize the JSON body into the target type")
            let action = try await Self.request(exchange, "/exchange", body: "{}")
            #expect(JSON(action.body)["status"].text == "err")
            #expect(try await Self.request(exchange, "/info", method: "GET").status == 405)
            #expect(try await Self.request(exchange, "/nowhere").status == 404)
        }
    }

    @Test func `time runs as much faster as was asked for`() async throws {
        try await Self.serving {
            $0.speed = 200
            // A minute of this time is 0.3 s: a slow machine would be thrown out before it has subscribed.
            $0.inactivityLimit = .seconds(100_000)
        } _: { exchange in
            let caller = try await Caller(exchange.url)
            var events = caller.events.makeAsyncIterator()
            try await caller.sendWhenOpen(#"{"method":"subscribe","subscription":{"type":"allMids"}}"#, &events)
            // Ten of these take 45 s at the venue's pace: the limit of this test would be over.
            var count = 0
            while count < 10, let text = await events.nextMessage() {
                if text.hasPrefix(#"{"channel":"allMids""#) { count += 1 }
            }
            #expect(count == 10)
            try await caller.close()
            _ = await events.end()
        }
    }

    @Test(
        "what is out of range is not served",
        arguments: [
            (-1, 1.0, 1.0, 0.0), (70_000, 1, 1, 0), (0, 0, 1, 0), (0, 5000, 1, 0), (0, 1, 0, 0), (0, 1, 1, 1.1),
        ])
    func ranges(_ port: Int, _ speed: Double, _ activity: Double, _ schemaDrift: Double) async {
        var configuration = ExchangeConfiguration()
        configuration.speed = speed
        configuration.activity = activity
        configuration.schemaDrift = schemaDrift
        let error = await #expect(throws: SimulatorError.self) {
            _ = try await SimulatedExchange.start(port: port, configuration: configuration)
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `a port that is taken is named`() async throws {
        try await Self.serving { exchange in
            let error = await #expect(throws: SimulatorError.self) {
                _ = try await SimulatedExchange.start(port: exchange.port)
            }
            #expect(error?.code == .listenFailed)
        }
    }
}

extension Caller {
    /// Sends the first message as soon as there is a connection.
    func sendWhenOpen(_ text: String, _ events: inout AsyncStream<Event>.Iterator) async throws {
        #expect(await events.next(isolation: nil) == .opened)
        try await send(text)
    }
}
