import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct HeartbeatTests {
    private func run(_ inputs: [(Int64, Heartbeat.Input)]) -> (effects: [Heartbeat.Effect], deadline: Instant?) {
        var heartbeat = Heartbeat(idleTimeout: .seconds(20), pongTimeout: .seconds(10), firstPing: at(20))
        var effects: [Heartbeat.Effect] = []
        for (second, input) in inputs {
            heartbeat.handle(input, at: .start.advanced(by: .seconds(second)), into: &effects)
        }
        return (effects, heartbeat.deadline)
    }

    @Test func `a data frame delays the next ping`() {
        let (effects, deadline) = run([(15, .frameArrived), (20, .woke)])
        #expect(effects == [])
        #expect(deadline == .start.advanced(by: .seconds(35)))
    }

    @Test func `an acknowledgement does not delay the ping, because the venue's idle clock goes on`() {
        let (effects, deadline) = run([(15, .answerArrived), (20, .woke)])
        #expect(effects == [.sendPing])
        #expect(deadline == .start.advanced(by: .seconds(30)))
    }

    @Test func `a probed connection that says anything at all is kept`() {
        let (effects, deadline) = run([(20, .woke), (29, .answerArrived), (30, .woke)])
        #expect(effects == [.sendPing])
        #expect(deadline == .start.advanced(by: .seconds(39)))
    }

    @Test func `bytes do not delay the ping, because the venue may have sent them long ago`() {
        let (effects, deadline) = run([(15, .bytesArrived), (20, .woke)])
        #expect(effects == [.sendPing])
        #expect(deadline == .start.advanced(by: .seconds(30)))
    }

    @Test(arguments: [Heartbeat.Input.bytesArrived, .answerArrived])
    func `a probed connection that says something every 5 s is kept, and pinged again every 20 s`(
        input: Heartbeat.Input
    ) {
        let (effects, deadline) = run((4...24).flatMap { [(5 * $0, input), (5 * $0, .woke)] })
        #expect(effects == Array(repeating: .sendPing, count: 6))
        #expect(deadline == .start.advanced(by: .seconds(130)))
    }

    @Test func `a probed connection whose bytes cease is given up`() {
        let (effects, deadline) = run([(20, .woke), (29, .bytesArrived), (38, .woke), (39, .woke)])
        #expect(effects == [.sendPing, .closeSilent])
        #expect(deadline == nil)
    }

    @Test func `a probed connection that stays silent is given up once`() {
        let (effects, deadline) = run([(20, .woke), (30, .woke), (31, .frameArrived), (60, .woke)])
        #expect(effects == [.sendPing, .closeSilent])
        #expect(deadline == nil)
    }
}
