import Foundation
import HyperliquidSimulator
import HyperliquidWire
import TestPacing
import Testing
import WebSocketTransport

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The exchange on loopback sockets.
@Suite("Served exchange", .overLoopback, .timeLimit(.minutes(30))) struct ShellTests {
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

    @Test func `an exchange that has stopped can be stopped again, and has no more faults`() async throws {
        try await Self.serving { exchange in
            await exchange.stop()
            await exchange.perform(.kill(.all))
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
            let client = try await WebSocketClient(exchange.url)
            var events = client.events.makeAsyncIterator()
            #expect(await events.next() == .opened)
            try await client.send(#"{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}"#)
            let acknowledgement = await events.nextMessage()
            #expect(
                acknowledgement
                    == #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}}"#
            )
            for _ in 1...3 { #expect(await events.nextMessage()?.hasPrefix(#"{"channel":"bbo""#) == true) }
            try await client.close()
            _ = await events.end()
        }
    }

    @Test(arguments: [(403, "Forbidden"), (429, "Too Many Requests"), (502, "Bad Gateway")])
    func `an upgrade that a fault refuses is answered in words that fit its status`(status: Int, body: String)
        async throws
    {
        try await Self.serving { exchange in
            await exchange.perform(.refuseUpgrades(status: status))
            let client = try await WebSocketClient(exchange.url)
            var events = client.events.makeAsyncIterator()
            guard case .failed(let error)? = await events.end() else {
                Issue.record("the upgrade was accepted")
                return
            }
            #expect(error.httpStatus == status)
            #expect(error.message.hasSuffix("(\"\(body)\")"), "\(error)")
        }
    }

    @Test func `the explorer socket sends bare arrays`() async throws {
        try await Self.serving { exchange in
            let client = try await WebSocketClient(exchange.explorerURL)
            var events = client.events.makeAsyncIterator()
            try await client.sendWhenOpen(#"{"method":"subscribe","subscription":{"type":"explorerBlock"}}"#, &events)
            #expect(await events.nextMessage()?.hasPrefix(#"{"channel":"subscriptionResponse""#) == true)
            for _ in 1...2 { #expect(await events.nextMessage()?.hasPrefix(#"[{"blockTime":"#) == true) }
            try await client.close()
            _ = await events.end()
        }
    }

    @Test func `a connection beyond the limit is refused with the configured status`() async throws {
        try await Self.serving {
            $0.connectionLimit = 1
            $0.refusalStatus = 503
        } _: { exchange in
            let first = try await WebSocketClient(exchange.url)
            var firstEvents = first.events.makeAsyncIterator()
            #expect(await firstEvents.next() == .opened)
            var events = try await WebSocketClient(exchange.url).events.makeAsyncIterator()
            guard case .failed(let error)? = await events.end() else {
                Issue.record("the upgrade was not refused")
                return
            }
            #expect(error.code == .upgradeRefused)
            #expect(error.httpStatus == 503)
        }
    }

    @Test func `an expired connection gets a code and a reason, a killed one does not`() async throws {
        try await Self.serving { exchange in
            for (action, end) in [
                (FaultAction.expire(.all), TransportClose.byPeer(code: 1000, reason: "Expired")),
                (.kill(.all), .lost("")),
            ] {
                let client = try await WebSocketClient(exchange.url)
                var events = client.events.makeAsyncIterator()
                // The answer shows that the connection is open for the exchange too.
                try await client.sendWhenOpen(#"{"method":"ping"}"#, &events)
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

    @Test func `faults of every group reach a client over the socket`() async throws {
        let bbo = FeedRequest(type: "bbo", fields: [("coin", "BTC")])
        try await Self.serving { exchange in
            let client = try await WebSocketClient(exchange.url)
            var events = client.events.makeAsyncIterator()
            for fault: FaultAction in [
                .glueAcknowledgements(1), .changeEchoCase(true), .setLimit(.users, 0), .withholdPongs(.all, true),
                .enlargeMessage(bbo, byteCount: 100_000, paddingFirst: true),
            ] {
                await exchange.perform(fault)
            }
            let subscribe = #"{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}"#
            try await client.sendWhenOpen(subscribe, &events)
            let glued = await events.nextMessage()
            #expect(
                glued?.hasPrefix(
                    #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":"#
                        + #"{"type":"bbo","coin":"btc"}}}{"padding":"xx"#) == true)
            await exchange.perform(.poison(bbo, .init(end: .close(code: 1011, reason: "internal"))))
            #expect(await events.end() == .byPeer(code: 1011, reason: "internal"))
        }
    }

    @Test func `a REST request gets an answer, an unknown one 422`() async throws {
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

    @Test func `the exchange's time runs at the configured speed`() async throws {
        try await Self.serving {
            $0.speed = 200
            // A minute of this time is 0.3 s: on a slow machine the connection would be closed before it subscribes.
            $0.inactivityLimit = .seconds(100_000)
        } _: { exchange in
            let client = try await WebSocketClient(exchange.url)
            var events = client.events.makeAsyncIterator()
            try await client.sendWhenOpen(#"{"method":"subscribe","subscription":{"type":"allMids"}}"#, &events)
            // Ten messages take 45 s of the exchange's time.
            var count = 0
            while count < 10, let text = await events.nextMessage() {
                if text.hasPrefix(#"{"channel":"allMids""#) { count += 1 }
            }
            #expect(count == 10)
            try await client.close()
            _ = await events.end()
        }
    }

    @Test(
        "a configuration out of its range is refused",
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

    @Test func `a port that is taken is refused`() async throws {
        try await Self.serving { exchange in
            let error = await #expect(throws: SimulatorError.self) {
                _ = try await SimulatedExchange.start(port: exchange.port)
            }
            #expect(error?.code == .listenFailed)
        }
    }
}

extension WebSocketClient {
    /// Sends the first message once the connection is open.
    func sendWhenOpen(_ text: String, _ events: inout AsyncStream<Event>.Iterator) async throws {
        #expect(await events.next(isolation: nil) == .opened)
        try await send(text)
    }
}
