import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

/// Every kind of bad input has an error or a counter of its own, and affects no other subscription.
@Suite("Bad input", .overLoopback, .timeLimit(.minutes(30))) struct BadInputTests {
    let trades = TradesFeed(coin: "BTC")

    // MARK: Addresses

    static let addresses = [
        ("http://127.0.0.1/ws", "ws://"), ("ws://", "no host"), ("ws://host:99999/ws", "port"),
        ("api.hyperliquid.xyz", "ws://"), ("ws://ho st/ws", "character"),
    ]

    @Test(arguments: addresses)
    func `a wrong address is refused when the client is made`(address: String, word: String) throws {
        let error = #expect(throws: HyperliquidError.self) {
            _ = try HyperliquidClient(network: .custom(api: address, explorer: "ws://127.0.0.1/ws"))
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(word) == true)
    }

    /// The last error of a connection whose dial has failed, as logged and as shown by `connectionInfo`.
    func failedDial(of client: HyperliquidClient, _ log: LogInbox) async throws -> (log: String, slot: String) {
        try await client.subscribe(to: .feed(trades), until: .registered) { _ in }
        let line = try await log.lines.first { $0.message == "Connection ended" ? $0 : nil }
        let slot = try #require(await client.connectionInfo().connections.first)
        #expect(slot.state == .waiting || slot.state == .dialling)
        return (line.metadata["reason"] ?? "", try #require(slot.lastErrors.first))
    }

    @Test func `a port that nothing listens on is named in the error, and the client goes on dialling`() async throws {
        let log = LogInbox()
        try await withClient(
            of: Addresses.dead(), configuration: log.configuration
        ) { client in
            let failure = try await failedDial(of: client, log)
            #expect(failure.log.contains("Nothing listens at 127.0.0.1:1"))
            #expect(failure.slot == failure.log)
            let state = await client.subscriptions().first?.state
            guard case .waiting(.connection, _) = state else { throw CancellationError() }
        }
    }

    @Test func `a wrong path is refused with its HTTP status`() async throws {
        let venue = try await ScriptedVenue.start()
        let log = LogInbox()
        let address = venue.url + "/elsewhere"
        try await withClient(of: .custom(api: address, explorer: address), configuration: log.configuration) { client in
            let failure = try await failedDial(of: client, log)
            #expect(failure.log.contains("404"))
        }
        await venue.stop()
    }

    @Test func `an untrusted certificate is named in the error`() async throws {
        let venue = try await ScriptedVenue.start(tls: (TestCertificate.chain, TestCertificate.key))
        let log = LogInbox()
        try await withClient(of: .custom(api: venue.url, explorer: venue.url), configuration: log.configuration) {
            client in
            let failure = try await failedDial(of: client, log)
            #expect(failure.log.contains("certificate of 127.0.0.1"))
        }
        await venue.stop()
    }

    // MARK: Frames

    static let frames: [(String, HostileServer.Act, String)] = [
        ("a reserved bit", .send([0xF1, 0x00]), "protocol violation"),
        ("an unknown opcode", .send([0x83, 0x00]), "protocol violation"),
        ("a masked frame", .send([0x81, 0x80, 1, 2, 3, 4]), "protocol violation"),
        ("text that is no UTF-8", .send(HostileServer.frame(1, [0xC3, 0x28])), "protocol violation"),
        ("a control frame of 126 bytes", .send([0x89, 126, 0, 126]), "protocol violation"),
        ("a message beyond the limit", .send([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]), "a message has more than"),
        ("an end in mid-frame", .sendAndEnd([0x81, 126, 1, 0, 0x7B]), "broken"),
        ("an end between frames", .sendAndEnd(HostileServer.frame(1, Array("{}".utf8))), "broken"),
    ]

    @Test(arguments: frames.indices)
    func `a broken frame ends its connection and no subscription`(index: Int) async throws {
        let (_, act, words) = Self.frames[index]
        let good = HostileServer.frame(
            1, Array(Messages.acknowledgement(Messages.subscribe(trades)).utf8))
        let event = HostileServer.frame(1, Array(Messages.trade(1).utf8))
        let server = try await HostileServer.start { number in
            // The first one proves the feed, so that its death is not blamed on it.
            switch (number, act) {
            case (0, .send(let bytes)): .send(good + bytes)
            case (0, .sendAndEnd(let bytes)): .sendAndEnd(good + bytes)
            default: .send(good + event)
            }
        }
        let log = LogInbox()
        try await withClient(of: .custom(api: server.url, explorer: server.url), configuration: log.configuration) {
            client in
            let reader = try await Reader(trades, through: .callback, on: client, until: .registered)
            let line = try await log.lines.first { $0.message == "Connection ended" ? $0 : nil }
            #expect(line.metadata["reason"]?.hasPrefix(words) == true)
            #expect(try await reader.gap().reason == .reconnected)
            #expect(try await reader.data().map(\.number) == [1])
        }
        await server.stop()
    }

    // MARK: Messages

    static let unroutable: [String] = [
        "Websocket connection established.", "", "{", "[]", "null", #"{"channel":7,"data":{}}"#,
        #"{"channel":"noSuchChannel","data":{"coin":"BTC"}}"#, #"{"data":[]}"#, #"{"channel":"trades"}"#,
        #"{"channel":"subscriptionResponse","data":7}"#,
        #"{"channel":"error","data":{}}"#, #"[{"what":1}]"#, Messages.trade(1, coin: "DOGE"), Messages.bbo(1),
    ]

    @Test(arguments: unroutable)
    func `a message that belongs to no subscription is counted, and no other is lost`(text: String) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await venue.send(Messages.trade(1), text, Messages.trade(2))
            #expect(try await reader.data().map(\.number) == [1])
            #expect(try await reader.event().data?.map(\.number) == [2])
            #expect(await client.connectionInfo().unroutedCount == 1)
            #expect(await client.connectionInfo().connections.first?.reconnectCount == 0)
        }
    }

    static let unreadable: [(String, String)] = [
        (#""px":"2""#, #""px":"1234567890123456789012345678901234567890""#),
        (#""tid":2"#, #""tid":1234567890123456789012345678901234567890"#),
        (#""px":"2""#, #""px":null"#), (#""tid":2"#, #""tid":-"#), (#""sz":"1.0""#, #""sz":[[[[[["#),
    ]

    @Test(arguments: unreadable)
    func `a field that cannot be decoded costs its own message only`(good: String, bad: String) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let other = try await Reader(TradesFeed(coin: "ETH"), through: .callback, on: client)
            try await venue.send(
                Messages.trade(1), Messages.trade(2).replacing(good, with: bad), Messages.trade(3),
                Messages.trade(4, coin: "ETH"))
            #expect(try await reader.event().data?.map(\.number) == [1])
            guard case .undecodable = try await reader.event(), case .gap = try await reader.event() else {
                throw Unexpected()
            }
            #expect(try await reader.event().data?.map(\.number) == [3])
            #expect(try await other.event().data?.map(\.number) == [4])
            #expect(try await client.metrics(of: other.id).undecodableCount == 0)
        }
    }

    @Test func `unknown fields and values are counted, and their event is delivered`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await venue.send(
                Messages.trade(1).replacing(#""side":"A""#, with: #""side":"Z","mood":{"a":[1,2]}"#))
            #expect(try await reader.data().map(\.number) == [1])
            #expect(try await client.metrics(of: reader.id).unknownCount == 2)
        }
    }

    @Test func `a message of 16 MiB is delivered, and one more byte ends the connection`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let message = Messages.trade(1)
            let padding = String(repeating: " ", count: 16 << 20 - message.utf8.count)
            try await venue.send(message + padding)
            #expect(try await reader.data().map(\.number) == [1])
            #expect(try await client.metrics(of: reader.id).byteCount == 16 << 20)
            try await venue.send(Messages.trade(2) + padding + " ")
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(3), to: 1)
            _ = try await reader.gap()
            #expect(try await reader.data().map(\.number) == [3])
            #expect(await client.connectionInfo().connections.first?.lastClose?.contains("16777216") == true)
        }
    }

    @Test func `a binary message is counted, and no other is lost`() async throws {
        let acknowledgement = Messages.acknowledgement(Messages.subscribe(trades))
        let bytes =
            HostileServer.frame(1, Array(acknowledgement.utf8)) + HostileServer.frame(2, [0, 1, 2])
            + HostileServer.frame(1, Array(Messages.trade(1).utf8))
        let server = try await HostileServer.start { _ in .send(bytes) }
        try await withClient(of: .custom(api: server.url, explorer: server.url)) { client in
            let reader = try await Reader(trades, through: .callback, on: client, until: .registered)
            #expect(try await reader.data().map(\.number) == [1])
            #expect(await client.connectionInfo().unroutedCount == 1)
        }
        await server.stop()
    }
}
