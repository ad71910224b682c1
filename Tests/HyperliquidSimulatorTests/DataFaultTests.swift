import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults of data, pongs and times.
@Suite("Faults of data") struct DataFaultTests {
    private static let bbo = FeedRequest(type: "bbo", fields: [("coin", "BTC")])

    /// An exchange with two connections that each have the best bids and offers of BTC.
    private static func subscribed() -> VirtualExchange {
        var exchange = VirtualExchange()
        for connection: UInt64 in 1...2 {
            exchange.open(connection)
            exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: connection)
        }
        exchange.run(.seconds(5))
        for connection: UInt64 in 1...2 { _ = exchange.received(on: connection) }
        return exchange
    }

    // MARK: Withheld data and pongs

    @Test func `withheld data are sent once the fault ends, in order, while pongs and answers go on`() {
        var exchange = Self.subscribed()
        exchange.fault(.withholdData(.oldest, true))
        exchange.send(#"{"method":"ping"}"#)
        exchange.subscribe(#""type":"allMids""#)
        exchange.run(.seconds(30))
        #expect(exchange.received().map(\.channel) == ["pong", "subscriptionResponse"])
        let others = exchange.received(on: 2).map(\.text)
        #expect(others.count > 1)
        exchange.fault(.withholdData(.oldest, false))
        let late = exchange.received()
        #expect(late.filter { $0.channel == "bbo" }.map(\.text) == others)
        #expect(late.filter { $0.channel == "allMids" }.count > 1)
        exchange.run(.seconds(5))
        #expect(exchange.received("bbo").map(\.text) == exchange.received("bbo", on: 2).map(\.text))
    }

    @Test func `withheld data do not restart the idle clock, but pongs do`() {
        var exchange = Self.subscribed()
        exchange.fault(.withholdData(.oldest, true))
        exchange.run(.seconds(30))
        exchange.send(#"{"method":"ping"}"#)
        exchange.run(.seconds(59))
        #expect(exchange.ends.isEmpty)
        exchange.run(.seconds(2))
        #expect(exchange.ends == [1: .closed(1000, "Inactive")])
    }

    @Test func `withheld data of a subscription that has ended are never sent`() {
        var exchange = Self.subscribed()
        exchange.fault(.withholdData(.all, true))
        exchange.run(.seconds(10))
        exchange.unsubscribe(#""type":"bbo","coin":"BTC""#)
        exchange.fault(.withholdData(.all, false))
        exchange.run(.seconds(10))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse"])
        #expect(exchange.received("bbo", on: 2).count > 1)
    }

    @Test func `withheld pongs are never sent, while data are`() {
        var exchange = Self.subscribed()
        exchange.fault(.withholdPongs(.oldest, true))
        for connection: UInt64 in 1...2 { exchange.send(#"{"method":"ping"}"#, on: connection) }
        exchange.run(.seconds(5))
        #expect(Set(exchange.received().map(\.channel)) == ["bbo"])
        #expect(Set(exchange.received(on: 2).map(\.channel)) == ["bbo", "pong"])
        exchange.fault(.withholdPongs(.oldest, false))
        #expect(exchange.received("pong").isEmpty)
        exchange.send(#"{"method":"ping"}"#)
        #expect(exchange.received().map(\.channel) == ["pong"])
    }

    // MARK: Old data

    @Test func `delayed data arrive with old times, and answers are not delayed`() {
        var exchange = Self.subscribed()
        exchange.fault(.delayData(.seconds(20)))
        exchange.subscribe(#""type":"bbo","coin":"ETH""#)
        exchange.send(#"{"method":"ping"}"#)
        exchange.run(.milliseconds(19_999))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse", "pong"])
        exchange.run(.seconds(10))
        let messages = exchange.received()
        #expect(messages.count > 10)
        for message in messages {
            let shown = (message.data["time"].integer ?? 0) - exchange.milliseconds
            let sent = exchange.now.duration(to: message.time) / .milliseconds(1)
            // The time is that of a block, which may be a second older than the message.
            #expect((-21_500 ... -20_000).contains(shown - Int64(sent)), "\(message.text)")
        }
    }

    @Test func `data that wait are sent at once when the delay ends`() {
        var exchange = Self.subscribed()
        exchange.fault(.delayData(.seconds(20)))
        exchange.run(.seconds(10))
        #expect(exchange.received().isEmpty)
        exchange.fault(.delayData(.zero))
        #expect(exchange.received().count > 10)
        _ = exchange.received(on: 2)
        exchange.run(.seconds(5))
        let (first, second) = (exchange.received().map(\.text), exchange.received(on: 2).map(\.text))
        #expect(first == second && first.count > 5)
    }

    @Test func `data that wait are not sent before their acknowledgement when the delay ends`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.delayAnswers(.seconds(2)))
        exchange.fault(.delayData(.seconds(20)))
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(1))
        exchange.fault(.delayData(.zero))
        #expect(exchange.received().isEmpty)
        exchange.run(.seconds(1))
        let channels = exchange.received().map(\.channel)
        #expect(channels.count > 2)
        #expect(channels.prefix(2) == ["subscriptionResponse", "bbo"])
        #expect(Set(channels.dropFirst()) == ["bbo"])
    }

    @Test func `delayed data keep their order when the delay becomes shorter`() {
        var (delayed, plain) = (Self.subscribed(), Self.subscribed())
        delayed.fault(.delayData(.seconds(20)))
        delayed.run(.seconds(3))
        plain.run(.seconds(3))
        delayed.fault(.delayData(.seconds(1)))
        delayed.run(.seconds(3))
        plain.run(.seconds(3))
        delayed.run(.seconds(20))
        let texts = plain.received().map(\.text)
        #expect(delayed.received().map(\.text).starts(with: texts))
    }

    // MARK: The clock

    @Test(arguments: [3_600_000, -3_600_000] as [Int64]) func `the shown clock jumps, and earlier times stay`(
        _ jump: Int64
    ) {
        let fills = #""type":"userFills","user":"\#(alice)""#
        var (jumped, plain) = (VirtualExchange(), VirtualExchange())
        jumped.run(.seconds(60))
        plain.run(.seconds(60))
        jumped.open()
        plain.open()
        let start = plain.milliseconds
        jumped.fault(.jumpClock(.milliseconds(jump)))
        for fields in [fills, #""type":"bbo","coin":"BTC""#, #""type":"candle","coin":"BTC","interval":"1m""#] {
            jumped.subscribe(fields)
            plain.subscribe(fields)
        }
        jumped.run(.seconds(50))
        plain.run(.seconds(50))
        let (messages, plainMessages) = (jumped.received(), plain.received())
        #expect(messages.map(\.channel) == plainMessages.map(\.channel))
        #expect(messages.map(\.time) == plainMessages.map(\.time))
        func expect(_ shown: JSON, _ plain: JSON, at row: String) {
            guard let time = plain.integer else { return }
            #expect(shown.integer == time + (time < start ? 0 : jump), "\(row)")
        }
        for (message, plain) in zip(messages, plainMessages) {
            expect(message.data["time"], plain.data["time"], at: message.text)
            for (row, plain) in zip(message.data["fills"].array, plain.data["fills"].array) {
                expect(row["time"], plain["time"], at: message.text)
            }
            if message.channel == "candle" { #expect(message.text == plain.text) }
        }
        #expect(messages.filter { $0.channel == "bbo" }.count > 10)
        #expect(messages.filter { $0.channel == "userFills" }.count > 1)
    }

    @Test func `rows are asked for by their shown times`() {
        var exchange = VirtualExchange()
        exchange.run(.seconds(60))
        exchange.fault(.jumpClock(.seconds(3600)))
        exchange.run(.seconds(60))
        exchange.fault(.jumpClock(.seconds(-7200)))
        exchange.run(.seconds(60))
        let all = JSON(exchange.ask(#"{"type":"userFillsByTime","user":"\#(alice)","startTime":0}"#).body)
        let times = all.array.compactMap { $0["time"].integer }
        #expect(times.count > 3)
        let start = exchange.milliseconds + 3_000_000
        let (first, end) = (times.filter { $0 >= start }, times.filter { $0 < start })
        #expect(!first.isEmpty && !end.isEmpty)
        let body = #"{"type":"userFillsByTime","user":"\#(alice)","startTime":\#(start)}"#
        #expect(JSON(exchange.ask(body).body).array.compactMap { $0["time"].integer } == first)
        let rest = #"{"type":"userFillsByTime","user":"\#(alice)","startTime":0,"endTime":\#(start - 1)}"#
        #expect(JSON(exchange.ask(rest).body).array.compactMap { $0["time"].integer } == end)
    }

    // MARK: Large messages

    @Test(arguments: [false, true]) func `the next message of a subscription is large, and means the same`(
        _ paddingFirst: Bool
    ) {
        var (large, plain) = (Self.subscribed(), Self.subscribed())
        large.fault(.enlargeMessage(Self.bbo, byteCount: 1000, paddingFirst: paddingFirst))
        for fields in [#""type":"bbo","coin":"ETH""#, #""type":"l2Book","coin":"BTC""#] {
            large.subscribe(fields)
            plain.subscribe(fields)
        }
        large.run(.seconds(10))
        plain.run(.seconds(10))
        for connection: UInt64 in 1...2 {
            let (messages, texts) = (large.received(on: connection), plain.received(on: connection).map(\.text))
            #expect(messages.count == texts.count)
            let changed = messages.indices.filter { messages[$0].text != texts[$0] }
            #expect(changed.count == 1)
            guard let index = changed.first else { continue }
            let message = messages[index]
            #expect(message.bytes.count > 1000)
            #expect(message.channel == "bbo")
            #expect(message.data["coin"].text == "BTC")
            #expect(message.text.hasPrefix(paddingFirst ? #"{"padding":"xx"# : texts[index].dropLast()))
        }
    }

    @Test func `the first message is enlarged too, and 0 takes the fault back`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.enlargeMessage(Self.bbo, byteCount: 1000, paddingFirst: false))
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map { $0.bytes.count > 1000 } == [false, true])
        exchange.fault(.enlargeMessage(Self.bbo, byteCount: 1000, paddingFirst: false))
        exchange.fault(.enlargeMessage(Self.bbo, byteCount: 0, paddingFirst: false))
        exchange.run(.seconds(5))
        #expect(exchange.received().allSatisfy { $0.bytes.count < 1000 })
    }

    @Test(arguments: [false, true]) func `a large message of the explorer is still a list of rows`(_ paddingFirst: Bool)
    {
        var exchange = VirtualExchange()
        exchange.open(1, .explorer)
        exchange.fault(
            .enlargeMessage(FeedRequest(type: "explorerBlock"), byteCount: 1_000_000, paddingFirst: paddingFirst))
        exchange.subscribe(#""type":"explorerBlock""#)
        exchange.run(.milliseconds(5))
        let message = exchange.received().last
        #expect(message?.isArray == true)
        #expect(message?.json[paddingFirst ? 0 : 19]["padding"].text?.utf8.count == 1_000_000)
    }
}
