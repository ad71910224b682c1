import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": what goes wrong on command, and plans of it.
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
        "what is no plan is refused with what is right",
        arguments: ["", "{}", #"[{"at_ms":1,"do":"explode"}]"#, #"[{"at_ms":1,"do":"kill","connection":"some"}]"#])
    func refusing(_ json: String) {
        let error = #expect(throws: SimulatorError.self) { try FaultPlan(json: Array(json.utf8)) }
        #expect(error?.code == .invalidFaultPlan)
        #expect(error?.message.contains(#"[{"at_ms":5000,"do":"expire","connection":"oldest"}]"#) == true)
    }

    @Test func `faults come in order of their times, and at them`() {
        let plan = FaultPlan([
            .init(at: .seconds(20), .kill(.oldest)), .init(at: .seconds(10), .expire(.newest)),
        ])
        var venue = Venue { $0.faults = plan }
        venue.open(1)
        venue.open(2)
        venue.run(.seconds(30))
        #expect(venue.ends == [2: .closed(1000, "Expired"), 1: .dropped])
        #expect(venue.endTimes[2] == .start.advanced(by: .seconds(10)))
        #expect(venue.endTimes[1] == .start.advanced(by: .seconds(20)))
    }

    @Test func `upgrades are stalled, refused and let in again`() {
        var venue = Venue()
        venue.fault(.stallUpgrades(true))
        #expect(venue.open(1) == .stall)
        venue.fault(.stallUpgrades(false))
        venue.fault(.refuseUpgrades(status: 502))
        #expect(venue.open(2) == .refuse(status: 502))
        venue.fault(.refuseUpgrades(status: nil))
        #expect(venue.open(3) == .accept)
    }

    @Test func `acknowledgements are delayed, and their data with them`() {
        var venue = Venue()
        venue.open()
        venue.fault(.delayAnswers(.seconds(3)))
        venue.subscribe(#""type":"allMids""#)
        venue.run(.milliseconds(2999))
        #expect(venue.received().isEmpty)
        venue.run(.milliseconds(1))
        #expect(venue.received().map(\.channel) == ["subscriptionResponse", "allMids"])
    }

    @Test func `an acknowledgement is dropped, its data come`() {
        var venue = Venue()
        venue.open()
        venue.fault(.dropAcknowledgements(1))
        venue.subscribe(#""type":"allMids""#)
        venue.subscribe(#""type":"bbo","coin":"BTC""#)
        venue.run(.milliseconds(5))
        #expect(venue.received().map(\.channel) == ["allMids", "subscriptionResponse", "bbo"])
    }

    @Test func `acknowledgements that wait together come in reverse, each before its own data`() {
        var venue = Venue()
        venue.open()
        venue.fault(.reorderAcknowledgements(true))
        for coin in ["BTC", "ETH", "SOL"] { venue.subscribe(#""type":"trades","coin":"\#(coin)""#) }
        venue.run(.seconds(5))
        let messages = venue.received()
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

    @Test func `a connection dies in a burst of subscribes`() {
        var venue = Venue()
        venue.open()
        venue.fault(.killAfterSubscribes(3))
        for coin in ["BTC", "ETH"] { venue.subscribe(#""type":"bbo","coin":"\#(coin)""#) }
        #expect(venue.ends.isEmpty)
        venue.subscribe(#""type":"bbo","coin":"SOL""#)
        #expect(venue.ends == [1: .dropped])
    }
}
