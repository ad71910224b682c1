import HyperliquidWire
import Testing

@Suite("Ledger updates") struct LedgerUpdateTests {
    func delta(_ json: String) -> LedgerDelta? { LedgerDelta(json: Array(json.utf8)) }

    func outcome(_ delta: String) -> Fixture.Outcome {
        let row = #"{"time":1790000004000,"hash":"0x\#(String(repeating: "5", count: 64))","delta":\#(delta)}"#
        return Fixture(
            .userNonFundingLedgerUpdates(user: .example),
            #"{"channel":"userNonFundingLedgerUpdates","data":{"user":"\#(Address.example)","nonFundingLedgerUpdates":[\#(row)]}}"#
        ).outcome()
    }

    @Test func `the name of a field decides its type`() throws {
        let send = try #require(
            delta(
                #"{"type":"send","user":"0x1111111111111111111111111111111111111111","destination":"0x2222222222222222222222222222222222222222","sourceDex":"","destinationDex":"spot","token":"USDC","amount":"10.50","usdcValue":"10.5","fee":"0.0","nativeTokenFee":"0.0","nonce":1790000004001,"feeToken":""}"#
            ))
        #expect(send.type == .send)
        #expect(send.decimal("amount")?.description == "10.50")
        #expect(try send.address("destination") == Address("0x2222222222222222222222222222222222222222"))
        #expect(send.text("destinationDex") == "spot")
        #expect(send.text("feeToken") == "")
        #expect(send.integer("nonce") == 1_790_000_004_001)
        #expect(send.decimal("token") == nil && send.flag("toPerp") == nil && send.liquidatedPositions.isEmpty)
        #expect(delta(#"{"usdc":"1.0","toPerp":false,"type":"accountClassTransfer"}"#)?.flag("toPerp") == false)
        let positions = delta(
            #"{"type":"liquidation","liquidatedPositions":[{"coin":"ATOM","szi":"-29.21"}]}"#)?.liquidatedPositions
        #expect(positions?.map { "\($0.coin) \($0.size)" } == ["ATOM -29.21"])
        #expect(delta(#"{"type":"spotTransfer","nonce":null}"#)?["nonce"] == .null)
        #expect(delta(#"{"usdc":"1.0"}"#) == nil && delta("[]") == nil)
    }

    @Test func `of a field that comes twice the last one counts`() {
        let twice = delta(#"{"type":"deposit","usdc":"1.0","type":"withdraw","fee":"0.5","usdc":"2.0"}"#)
        #expect(twice.map { encoded($0) } == #"{"type":"withdraw","usdc":"2.0","fee":"0.5"}"#)
    }

    @Test func `a known field of a known kind in another form is a fault that names it`() {
        for (delta, path) in [
            (#"{"type":"deposit","usdc":5}"#, "usdc"), (#"{"type":"deposit","usdc":"five"}"#, "usdc"),
            (#"{"type":"send","user":"mtiz"}"#, "user"),
            (#"{"type":"liquidation","liquidatedPositions":[{"coin":"ATOM"}]}"#, "liquidatedPositions[0].szi"),
            (#"{"usdc":"1.0"}"#, "type"),
        ] {
            #expect(outcome(delta).fault?.path == "data.nonFundingLedgerUpdates[0].delta." + path, "\(delta)")
        }
    }

    @Test func `an unknown kind may have any fields and keeps them all`() {
        let unknown = #"{"type":"airdrop","usdc":5,"user":"nobody","amount":"7.0","more":{"a":[1,null]}}"#
        let outcome = outcome(unknown)
        #expect(outcome.fault == nil)
        // The kind, two fields in another form and an unknown one.
        #expect(outcome.unknownCount == 4)
        #expect(outcome.events.first?.contains(unknown) == true)
        #expect(delta(unknown)?.decimal("amount")?.description == "7.0")
    }

    @Test(arguments: [(Int64.max, false), (.min, true), (0, true)])
    func `a time outside every calendar does not trap`(_ seconds: Int64, _ isPast: Bool) throws {
        let message =
            #"{"channel":"userTwapHistory","data":{"user":"0x1111111111111111111111111111111111111111","history":[{"time":\#(seconds),"state":{"coin":"ETH","user":"0x1111111111111111111111111111111111111111","side":"B","sz":"1.0","executedSz":"0.0","executedNtl":"0.0","minutes":10,"reduceOnly":false,"randomize":true,"timestamp":1790000029000},"status":{"status":"activated"},"twapId":777}]}}"#
        var memory = TwapHistoryFeed.Memory()
        memory.subscribed(atMilliseconds: 1_790_000_000_000)
        let decoded = try withReader(message) { (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            return try TwapHistoryFeed.decode(&reader, memory: &memory)
        }
        if case .snapshot = decoded { #expect(isPast) } else { #expect(!isPast) }
    }
}
