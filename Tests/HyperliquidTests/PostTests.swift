import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

@Suite("Posts", .overLoopback, .timeLimit(.minutes(30))) struct PostTests {
    let trades = TradesFeed(coin: "BTC")
    let question = #"{"type":"l2Book","coin":"ETH"}"#
    let action =
        #"{"action":{"type":"cancel","cancels":[{"a":4,"o":7}]},"nonce":1,"signature":{"r":"0x1","s":"0x2","v":27}}"#

    func text(_ id: Int, _ type: String, _ payload: String) -> String {
        #"{"method":"post","id":\#(id),"request":{"type":"\#(type)","payload":\#(payload)}}"#
    }

    func answer(_ id: Int, _ response: String) -> String {
        #"{"channel":"post","data":{"id":\#(id),"response":\#(response)}}"#
    }

    @Test func `an information request gets the answer of info`() async throws {
        try await withExchange { client, _ in
            let book = try await client.post(info: #"{"type":"l2Book","coin":"BTC"}"#)
            #expect(book.text.contains(#""coin":"BTC""#))
            #expect(book.text.hasPrefix("{"))
        }
    }

    @Test func `the error of a refused action quotes the venue`() async throws {
        try await withExchange { client, _ in
            let error = await #expect(throws: HyperliquidError.self) { try await client.post(action: action) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("User or API Wallet 0x") == true)
        }
    }

    @Test func `the error of an unreadable information request quotes the venue`() async throws {
        try await withExchange { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.post(info: #"{"type":"noSuch"}"#)
            }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("422") == true)
        }
    }

    static let responses: [(String, String, String)] = [
        ("info", #"{"type":"info","payload":{"type":"l2Book","data":null}}"#, "null"),
        ("info", #"{"payload":{"data":[1,2],"type":"x","more":{}},"more":1,"type":"info"}"#, "[1,2]"),
        (
            "action",
            #"{"type":"action","payload":{"status":"ok","response":{"type":"order","data":{"statuses":["success"]}}}}"#,
            #"{"type":"order","data":{"statuses":["success"]}}"#
        ),
    ]

    @Test(arguments: responses)
    func `an answer is returned as it came`(kind: String, response: String, value: String) async throws {
        try await withScript { client, venue in
            let payload = kind == "info" ? question : action
            try await venue.whenReceived(text(1, kind, payload), send: answer(1, response))
            let result = kind == "info" ? try await client.post(info: payload) : try await client.post(action: payload)
            #expect(result.text == value)
        }
    }

    static let refusals: [(String, HyperliquidError.Code, String)] = [
        (#"{"type":"error","payload":"429 Too Many Requests"}"#, .refused, "429 Too Many Requests"),
        (#"{"type":"action","payload":{"status":"err","response":"Order has zero size."}}"#, .refused, "zero size"),
        (#"{"type":"action","payload":{"status":"odd"}}"#, .unknownOutcome, "cannot be read"),
        (#"{"type":"novel","payload":{}}"#, .unknownOutcome, "cannot be read"),
    ]

    @Test(arguments: refusals)
    func `the error of a refused action says why`(response: String, code: HyperliquidError.Code, words: String)
        async throws
    {
        try await withScript { client, venue in
            try await venue.whenReceived(text(1, "action", action), send: answer(1, response))
            let error = await #expect(throws: HyperliquidError.self) { try await client.post(action: action) }
            #expect(error?.code == code)
            #expect(error?.message.contains(words) == true)
        }
    }

    @Test(arguments: ["", "7", "[1]", #"{"type":"#, #"{} {}"#])
    func `a payload that is not one object is not sent`(payload: String) async throws {
        try await withScript { client, _ in
            let error = await #expect(throws: HyperliquidError.self) { try await client.post(info: payload) }
            #expect(error?.code == .invalidPayload)
        }
    }

    @Test func `answers reach their callers in any order, among the messages of feeds`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let first = Task { try await client.post(info: question) }
            try await venue.received(text(1, "info", question))
            let second = Task { try await client.post(info: question) }
            try await venue.received(text(2, "info", question))
            try await venue.send(
                answer(2, #"{"type":"info","payload":{"type":"l2Book","data":"second"}}"#), Messages.trade(1),
                answer(1, #"{"type":"info","payload":{"type":"l2Book","data":"first"}}"#),
                answer(9, #"{"type":"info","payload":{"type":"l2Book","data":"another caller's"}}"#))
            #expect(try await first.value.text == #""first""#)
            #expect(try await second.value.text == #""second""#)
            #expect(try await reader.data().map(\.number) == [1])
            #expect(await client.connectionInfo().unroutedCount == 1)
        }
    }

    @Test func `an information request is sent again after its connection is lost`() async throws {
        try await withScript { client, venue in
            let asking = Task { try await client.post(info: question) }
            try await venue.received(text(1, "info", question), on: 0)
            try await venue.kill(0)
            try await venue.received(text(1, "info", question), on: 1)
            try await venue.send(answer(1, #"{"type":"info","payload":{"type":"l2Book","data":7}}"#), to: 1)
            #expect(try await asking.value.text == "7")
        }
    }

    @Test func `an action's outcome is unknown after its connection is lost, and it is not sent again`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let acting = Task { try await client.post(action: action) }
            try await venue.received(text(1, "action", action))
            try await venue.kill(0)
            let error = await #expect(throws: HyperliquidError.self) { try await acting.value }
            #expect(error?.code == .unknownOutcome)
            #expect(error?.message.contains("connection was lost") == true)
            try await venue.received(Messages.subscribe(trades), on: 1)
            // Whatever was to be sent again has been by now: a question comes behind it.
            let asking = Task { try await client.post(info: question) }
            let next: String = try await venue.facts.first { fact in
                if case .received(1, let text) = fact { text } else { nil }
            }
            #expect(next == text(2, "info", question))
            asking.cancel()
            try await client.unsubscribe(reader.id)
        }
    }

    static let cancellations: [(String, HyperliquidError.Code)] = [("info", .cancelled), ("action", .unknownOutcome)]

    @Test(arguments: cancellations)
    func `a cancelled caller gets the error that is right for its kind of request`(
        kind: String, code: HyperliquidError.Code
    ) async throws {
        try await withScript { client, venue in
            let payload = kind == "info" ? question : action
            let posting = Task {
                kind == "info" ? try await client.post(info: payload) : try await client.post(action: payload)
            }
            try await venue.received(text(1, kind, payload))
            posting.cancel()
            let error = await #expect(throws: HyperliquidError.self) { try await posting.value }
            #expect(error?.code == code)
        }
    }

    static let losses: [(String, HyperliquidError.Code)] = [("info", .timedOut), ("action", .unknownOutcome)]

    @Test(arguments: losses)
    func `a request without an answer fails in time`(kind: String, code: HyperliquidError.Code) async throws {
        try await withScript { client, venue in
            // Its connection is open: the request is sent at once.
            let reader = try await Reader(trades, through: .callback, on: client)
            let error = await #expect(throws: HyperliquidError.self) {
                kind == "info"
                    ? try await client.post(info: question, timeout: .seconds(1))
                    : try await client.post(action: action, timeout: .seconds(1))
            }
            #expect(error?.code == code)
            #expect(await client.subscription(reader.id) != nil)
        }
    }

    @Test func `a shutdown ends the callers that wait for answers`() async throws {
        try await withScript { client, venue in
            let asking = Task { try await client.post(info: question) }
            try await venue.received(text(1, "info", question))
            await client.shutDown()
            let error = await #expect(throws: HyperliquidError.self) { try await asking.value }
            #expect(error?.code == .clientEnded)
            let late = await #expect(throws: HyperliquidError.self) { try await client.post(info: question) }
            #expect(late?.code == .clientEnded)
        }
    }

    @Test func `a question that the venue refuses because of the weight is sent again`() async throws {
        var engine = EngineConfiguration.quick
        engine.requestWeightPause = .milliseconds(20)
        try await withScript(engine: engine) { client, venue in
            let refusal = answer(1, #"{"type":"error","payload":"429 Too Many Requests"}"#)
            try await venue.whenReceived(text(1, "info", question), send: refusal)
            let asking = Task { try await client.post(info: question) }
            try await venue.received(text(1, "info", question))
            try await venue.whenReceived(text(1, "info", question), send: answer(1, Self.responses[0].1))
            #expect(try await asking.value.text == "null")
        }
    }

    @Test func `a question whose weight does not fit waits, and says so when its time is over`() async throws {
        var engine = EngineConfiguration.quick
        engine.limits.requestWeightPerMinute = 3
        try await withExchange(engine: engine) { client, _ in
            _ = try await client.post(info: question)
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.post(info: question, timeout: .milliseconds(20))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("limits.requestWeightPerMinute") == true)
        }
    }

    @Test func `requests weigh what the venue documents, and their answers by their length`() async throws {
        let candles = #"{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0}}"#
        try await withExchange { client, _ in
            for (payload, weight) in [
                (#"{"type":"allMids"}"#, 2...2), (#"{"type":"meta"}"#, 20...20), (candles, 21...103),
            ] {
                let before = try #require(await self.weight(of: client))
                _ = try await client.post(info: payload)
                #expect(weight.contains(try #require(await self.weight(of: client)) - before), "\(payload)")
            }
            _ = try? await client.post(action: action)
        }
    }

    private func weight(of client: HyperliquidClient) async -> Int? {
        await client.connectionInfo().limits.first { $0.name == "requestWeightPerMinute" }?.used
    }

    @Test func `many requests at once stay within the window and are all answered`() async throws {
        var engine = EngineConfiguration.quick
        engine.limits.postsInFlight = 3
        var exchange = ExchangeConfiguration.quick
        exchange.postLimit = 3
        try await withExchange(exchange, engine: engine) { client, _ in
            // Keeps the connection, and its errors with it: an unused one is soon closed.
            let reader = try await Reader(trades, through: .callback, on: client)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await client.post(info: #"{"type":"allMids"}"#).text.hasPrefix("{") }
                }
                for try await isAnswered in group { #expect(isAnswered) }
            }
            #expect(await client.connectionInfo().connections.map(\.lastErrors) == [[]])
            try await client.unsubscribe(reader.id)
        }
    }
}
