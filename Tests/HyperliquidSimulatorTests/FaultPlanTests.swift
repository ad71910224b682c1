import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults on command, and plans of faults.
@Suite("Faults") struct FaultPlanTests {
    /// A request with another order of keys, a default and another case than its canonical form.
    private static let fills = #"{"user":"0xABCDEF\#(alice.dropFirst(8))","aggregateByTime":false,"type":"userFills"}"#
    private static let fillsRequest = FeedRequest(
        type: "userFills", fields: [("user", .string("0xabcdef\(alice.dropFirst(8))"))])

    @Test(
        "a plan is read from JSON",
        arguments: [
            (#"{"at_ms":1500,"do":"expire","connection":"oldest"}"#, FaultAction.expire(.oldest)),
            (#"{"at_ms":1500,"do":"kill","connection":"newest"}"#, .kill(.newest)),
            (#"{"do":"silence","connection":2,"at_ms":1500}"#, .silence(.at(2))),
            (#"{"at_ms":1500,"do":"kill"}"#, .kill(.all)),
            (#"{"at_ms":1500,"do":"stallUpgrades","on":false}"#, .stallUpgrades(false)),
            (#"{"at_ms":1500,"do":"refuseUpgrades","status":502}"#, .refuseUpgrades(status: 502)),
            (#"{"at_ms":1500,"do":"refuseUpgrades"}"#, .refuseUpgrades(status: nil)),
            (#"{"at_ms":1500,"do":"delayAnswers","ms":800}"#, .delayAnswers(.milliseconds(800))),
            (#"{"at_ms":1500,"do":"dropAcknowledgements","count":3}"#, .dropAcknowledgements(3)),
            (#"{"at_ms":1500,"do":"reorderAcknowledgements","on":true}"#, .reorderAcknowledgements(true)),
            (#"{"at_ms":1500,"do":"killAfterSubscribes","count":7}"#, .killAfterSubscribes(7)),
            (
                #"{"at_ms":1500,"do":"close","connection":0,"code":1012,"reason":"restart"}"#,
                .close(.at(0), code: 1012, reason: "restart")
            ),
            (#"{"at_ms":1500,"do":"close"}"#, .close(.all, code: 1000, reason: "")),
            (#"{"at_ms":1500,"do":"glueAcknowledgements","count":2}"#, .glueAcknowledgements(2)),
            (#"{"at_ms":1500,"do":"poison","subscription":\#(fills)}"#, .poison(fillsRequest, .init())),
            (#"{"at_ms":1500,"do":"poison","subscription":\#(fills),"on":false}"#, .poison(fillsRequest, nil)),
            (
                #"{"at_ms":1500,"do":"poison","subscription":\#(fills),"code":1011,"reason":"x","acknowledged":true}"#,
                .poison(fillsRequest, .init(end: .close(code: 1011, reason: "x"), isAcknowledged: true))
            ),
            (#"{"at_ms":1500,"do":"ignore","subscription":\#(fills)}"#, .ignore(fillsRequest, true)),
            (#"{"at_ms":1500,"do":"ignore","subscription":\#(fills),"on":false}"#, .ignore(fillsRequest, false)),
            (
                #"{"at_ms":1500,"do":"enlargeMessage","subscription":\#(fills)}"#,
                .enlargeMessage(fillsRequest, byteCount: 20_000_000, paddingFirst: false)
            ),
            (
                #"{"at_ms":1500,"do":"enlargeMessage","subscription":\#(fills),"bytes":9,"paddingFirst":true}"#,
                .enlargeMessage(fillsRequest, byteCount: 9, paddingFirst: true)
            ),
            (#"{"at_ms":1500,"do":"withholdData","connection":"newest"}"#, .withholdData(.newest, true)),
            (#"{"at_ms":1500,"do":"withholdPongs","on":false}"#, .withholdPongs(.all, false)),
            (#"{"at_ms":1500,"do":"delayData","ms":20000}"#, .delayData(.seconds(20))),
            (#"{"at_ms":1500,"do":"jumpClock","ms":-1500}"#, .jumpClock(.milliseconds(-1500))),
            (#"{"at_ms":1500,"do":"changeEchoCase"}"#, .changeEchoCase(true)),
            (#"{"at_ms":1500,"do":"refuseSubscribes"}"#, .refuseSubscribes(1, text: nil)),
            (#"{"at_ms":1500,"do":"refuseSubscribes","count":4,"text":"No."}"#, .refuseSubscribes(4, text: "No.")),
            (#"{"at_ms":1500,"do":"sendError","connection":1,"text":"\"Odd\""}"#, .sendError(.at(1), text: #""Odd""#)),
            (#"{"at_ms":1500,"do":"list","coin":"xyz:NEW"}"#, .list("xyz:NEW")),
            (#"{"at_ms":1500,"do":"delist","coin":"BTC"}"#, .delist("BTC")),
            (#"{"at_ms":1500,"do":"setLimit","limit":"users","value":0}"#, .setLimit(.users, 0)),
        ])
    func reading(_ json: String, _ action: FaultAction) throws {
        let plan = try FaultPlan(json: Array("[\(json)]".utf8))
        #expect(plan.entries == [FaultPlan.Entry(at: .milliseconds(1500), action)])
    }

    @Test(
        "the error for a text that is no plan shows one",
        arguments: [
            ("", "truncated at byte 0"), ("{}", "unexpectedType at byte 0"), ("[7]", "unexpectedType in [0] at byte 1"),
            (#"[{"do":"kill"}"#, "truncated in [0] at byte 14"), (#"[{"do":"kill"}] 7"#, "trailingBytes at byte 16"),
        ])
    func refusing(_ json: String, _ fault: String) {
        let error = #expect(throws: SimulatorError.self) { try FaultPlan(json: Array(json.utf8)) }
        #expect(error?.code == .invalidFaultPlan)
        #expect(
            error?.message == "The fault plan cannot be read (\(fault)); write "
                + #"[{"at_ms":5000,"do":"expire","connection":"oldest"}]"#)
    }

    /// Wrong entries, and the mistakes that are named.
    static let mistakes: [(json: String, mistake: String)] = [
        ("{}", #"no "do" at entry 2: write for example "do":"kill"."#),
        (#"{"do":7}"#, #"7 at entry 2: "do" takes a text."#),
        (#"{"do":"kil"}"#, #""kil" at entry 2: use one of \#(names)."#),
        (#"{"do":"kill","do":"kill"}"#, #""do" at entry 2: write it once."#),
        (#"{"do":"kill","conection":"all"}"#, #""conection" at entry 2: kill has only at_ms, do, connection."#),
        (#"{"do":"kill","ms":1}"#, #""ms" at entry 2: kill has only at_ms, do, connection."#),
        (
            #"{"do":"kill","connection":"some"}"#,
            #""some" at entry 2: "connection" takes "all", "oldest", "newest" or an index from 0 on."#
        ),
        (
            #"{"do":"kill","connection":-1}"#,
            #"-1 at entry 2: "connection" takes "all", "oldest", "newest" or an index from 0 on."#
        ),
        (
            #"{"do":"kill","at_ms":-1}"#,
            #"-1 at entry 2: "at_ms" takes a whole number from 0 to 31536000000."#
        ),
        (#"{"do":"stallUpgrades","on":"yes"}"#, #""yes" at entry 2: "on" takes true or false."#),
        (
            #"{"do":"glueAcknowledgements","count":1.5}"#,
            #"1.5 at entry 2: "count" takes a whole number from 0 to 1000000."#
        ),
        (
            #"{"do":"refuseUpgrades","status":99}"#,
            #"99 at entry 2: "status" takes a whole number from 100 to 599."#
        ),
        (
            #"{"do":"close","code":1006}"#,
            #"1006 at entry 2: "code" takes a whole number from 1000 to 4999, but not 1004 to 1006 or 1015."#
        ),
        (
            #"{"do":"poison"}"#,
            #"no "subscription" at entry 2: write for example "subscription":{"type":"bbo","coin":"BTC"}."#
        ),
        (
            #"{"do":"ignore","subscription":{"coin":"BTC"}}"#,
            #"{"coin":"BTC"} at entry 2: "subscription" takes a request such as {"type":"bbo","coin":"BTC"}."#
        ),
        (#"{"do":"sendError"}"#, #"no "text" at entry 2: write for example "text":"Odd"."#),
        (#"{"do":"list"}"#, #"no "coin" at entry 2: write for example "coin":"NEW"."#),
        (
            #"{"do":"list","coin":"xyz:"}"#,
            ##""xyz:" at entry 2: "coin" takes a coin as the exchange spells it: "NEW", "xyz:NEW", "@300" or "#20000"."##
        ),
        (#"{"do":"setLimit","value":5}"#, #"no "limit" at entry 2: write for example "limit":"users"."#),
        (#"{"do":"setLimit","limit":"users"}"#, #"no "value" at entry 2: write for example "value":5."#),
        (
            #"{"do":"setLimit","limit":"dialsPerMinute","value":0}"#,
            #"0 at entry 2: "value" takes a whole number from 1 to 1000000."#
        ),
        (
            #"{"do":"setLimit","limit":"user","value":5}"#,
            #""user" at entry 2: "limit" takes one of connections, dialsPerMinute, subscriptions, "#
                + "subscriptionsPerConnection, users, usersPerConnection, userLingerSeconds, messagesPerMinute, "
                + "messagesPerSecond, requestWeightPerMinute, postsInFlight."
        ),
        (
            #"{"do":"poison","subscription":{"type":"allMids"},"reason":"x"}"#,
            #""reason" at entry 2: poison has only at_ms, do, subscription, on, acknowledged, code."#
        ),
    ]

    static let names = """
        expire, close, kill, silence, stallUpgrades, refuseUpgrades, killAfterSubscribes, poison, ignore, \
        enlargeMessage, withholdData, withholdPongs, delayData, jumpClock, delayAnswers, dropAcknowledgements, \
        reorderAcknowledgements, glueAcknowledgements, changeEchoCase, refuseSubscribes, sendError, list, delist, setLimit
        """

    @Test(arguments: mistakes.indices) func `the error for a wrong entry names the word and the entry`(_ index: Int) {
        let (json, mistake) = Self.mistakes[index]
        let error = #expect(throws: SimulatorError.self) {
            try FaultPlan(json: Array(#"[{"do":"kill"},\#(json),{"do":"what"}]"#.utf8))
        }
        #expect(error?.code == .invalidFaultPlan)
        #expect(error?.message == "The fault plan cannot be read: \(mistake)")
    }

    @Test func `faults happen at their times, whatever their order in the plan`() {
        let plan = FaultPlan([
            .init(at: .seconds(20), .kill(.oldest)), .init(at: .seconds(10), .expire(.newest)),
        ])
        var exchange = VirtualExchange { $0.faults = plan }
        exchange.open(1)
        exchange.open(2)
        exchange.run(.seconds(30))
        #expect(exchange.ends == [2: .closed(1000, "Expired"), 1: .dropped])
        #expect(exchange.endTimes[2] == .start.advanced(by: .seconds(10)))
        #expect(exchange.endTimes[1] == .start.advanced(by: .seconds(20)))
    }

    @Test(arguments: [1000, 1001, 1011, 1012, 1013] as [UInt16]) func `connections are closed with any code and reason`(
        _ code: UInt16
    ) {
        var exchange = VirtualExchange { $0.connectionLimit = 2 }
        for connection: UInt64 in 1...2 { exchange.open(connection) }
        exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: 2)
        exchange.fault(.close(.newest, code: code, reason: "because"))
        exchange.fault(.close(.at(1), code: 1000, reason: "nobody"))
        #expect(exchange.ends == [2: .closed(code, "because")])
        #expect(exchange.open(3) == .accept)
        exchange.fault(.close(.all, code: code, reason: ""))
        #expect(exchange.ends == [1: .closed(code, ""), 2: .closed(code, "because"), 3: .closed(code, "")])
    }

    @Test func `faults stall, refuse and accept upgrades`() {
        var exchange = VirtualExchange()
        exchange.fault(.stallUpgrades(true))
        #expect(exchange.open(1) == .stall)
        exchange.fault(.stallUpgrades(false))
        exchange.fault(.refuseUpgrades(status: 502))
        #expect(exchange.open(2) == .refuse(status: 502))
        exchange.fault(.refuseUpgrades(status: nil))
        #expect(exchange.open(3) == .accept)
    }

    @Test func `a delayed acknowledgement delays its data`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.delayAnswers(.seconds(3)))
        exchange.subscribe(#""type":"allMids""#)
        exchange.run(.milliseconds(2999))
        #expect(exchange.received().isEmpty)
        exchange.run(.milliseconds(1))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse", "allMids"])
    }

    @Test func `a dropped acknowledgement does not stop its data`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.dropAcknowledgements(1))
        exchange.subscribe(#""type":"allMids""#)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map(\.channel) == ["allMids", "subscriptionResponse", "bbo"])
    }

    @Test func `acknowledgements that wait together are reversed, but precede their data`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.reorderAcknowledgements(true))
        for coin in ["BTC", "ETH", "SOL"] { exchange.subscribe(#""type":"trades","coin":"\#(coin)""#) }
        exchange.run(.seconds(5))
        let messages = exchange.received()
        let acknowledged = messages.filter { $0.channel == "subscriptionResponse" }
            .compactMap { $0.data["subscription"]["coin"].text }
        #expect(acknowledged == ["SOL", "ETH", "BTC"])
        for coin in acknowledged {
            let acknowledgement = messages.firstIndex {
                $0.channel == "subscriptionResponse" && $0.data["subscription"]["coin"].text == coin
            }
            let data = messages.firstIndex { $0.channel == "trades" && $0.data[0]["coin"].text == coin }
            #expect((acknowledgement ?? .max) < (data ?? .min), "\(coin)")
        }
    }

    @Test func `a connection is dropped after a number of subscribes`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.killAfterSubscribes(3))
        for coin in ["BTC", "ETH"] { exchange.subscribe(#""type":"bbo","coin":"\#(coin)""#) }
        #expect(exchange.ends.isEmpty)
        exchange.subscribe(#""type":"bbo","coin":"SOL""#)
        #expect(exchange.ends == [1: .dropped])
    }
}
