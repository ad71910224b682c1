import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults on command, and plans of faults.
@Suite("Faults") struct FaultPlanTests {
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
        ])
    func reading(_ json: String, _ action: FaultAction) throws {
        let plan = try FaultPlan(json: Array("[\(json)]".utf8))
        #expect(plan.entries == [FaultPlan.Entry(at: .milliseconds(1500), action)])
    }

    @Test(
        "the error for an invalid plan shows a valid one",
        arguments: ["", "{}", #"[{"at_ms":1,"do":"explode"}]"#, #"[{"at_ms":1,"do":"kill","connection":"some"}]"#])
    func refusing(_ json: String) {
        let error = #expect(throws: SimulatorError.self) { try FaultPlan(json: Array(json.utf8)) }
        #expect(error?.code == .invalidFaultPlan)
        #expect(error?.message.contains(#"[{"at_ms":5000,"do":"expire","connection":"oldest"}]"#) == true)
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
