import HyperliquidSimulator
import HyperliquidWire
import Testing

/// A fill changes every state and feed that shows it.
@Suite("Accounts") struct AccountTests {
    /// The messages of an account's feeds over two minutes.
    private struct Story {
        var exchange: VirtualExchange
        var messages: [JSONMessage] = []

        init(seed: UInt64) {
            exchange = VirtualExchange(seed: seed)
            exchange.open()
            for type in [
                "userFills", "orderUpdates", "userEvents", "notification", "openOrders", "clearinghouseState",
                "userHistoricalOrders", "userFundings", "userNonFundingLedgerUpdates", "userTwapSliceFills",
            ] {
                exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#)
            }
            exchange.subscribe(#""type":"clearinghouseState","user":"\#(alice)","dex":"xyz""#)
            for coin in ["BTC", "ETH", "SOL", "HYPE"] { exchange.subscribe(#""type":"trades","coin":"\#(coin)""#) }
            exchange.run(.seconds(120))
            messages = exchange.received()
        }

        /// The rows of a list that arrived after the snapshot.
        func live(_ channel: String, _ list: String) -> [JSON] {
            messages.filter { $0.channel == channel && !$0.data["isSnapshot"].isPresent }.flatMap {
                $0.data[list].array
            }
        }

        func states(dex: String) -> [JSON] {
            messages.filter { $0.channel == "clearinghouseState" && $0.data["dex"].text == dex }
                .map { $0.data["clearinghouseState"] }
        }
    }

    @Test("positions are the sums of the fills", arguments: 1...5)
    func positions(seed: UInt64) throws {
        let story = Story(seed: seed)
        var sizes: [String: ExactDecimal] = [:]
        let fills = story.live("userFills", "fills")
        #expect(fills.count > 20, "seed \(seed)")
        for fill in fills where ["Buy", "Sell"].allSatisfy({ $0 != fill["dir"].text }) {
            let coin = try #require(fill["coin"].text)
            let start = try #require(fill["startPosition"].decimal)
            if let known = sizes[coin] { #expect(start == known, "seed \(seed), \(coin)") }
            let size = try #require(fill["sz"].decimal)
            sizes[coin] = fill["side"].text == "B" ? try start.adding(size) : try start.subtracting(size)
        }
        for (dex, state) in ["": story.states(dex: "").last, "xyz": story.states(dex: "xyz").last] {
            let positions = try #require(state)["assetPositions"].array.map { $0["position"] }
            for (coin, size) in sizes where coin.hasPrefix("xyz:") == (dex == "xyz") {
                let shown = positions.first { $0["coin"].text == coin }?["szi"].decimal ?? .zero
                #expect(shown == size, "seed \(seed), \(coin)")
            }
        }
    }

    @Test("a fill appears on every feed that shows fills, and on the tape", arguments: 1...5)
    func everywhere(seed: UInt64) throws {
        let story = Story(seed: seed)
        let fills = story.live("userFills", "fills")
        let events = story.messages.filter { $0.channel == "user" }.map(\.data)
        let reported = Set(
            events.flatMap { $0["fills"].array + $0["twapSliceFills"].array.map { $0["fill"] } }
                .compactMap { $0["tid"].integer })
        let slices = Set(
            story.live("userTwapSliceFills", "twapSliceFills").compactMap { $0["fill"]["tid"].integer })
        let updates = story.messages.filter { $0.channel == "orderUpdates" }.flatMap(\.data.array)
        let history = story.live("userHistoricalOrders", "orderHistory")
        let tape = story.messages.filter { $0.channel == "trades" }.flatMap(\.data.array)
        for fill in fills {
            let id = try #require(fill["tid"].integer)
            #expect(reported.contains(id), "seed \(seed)")
            #expect(slices.contains(id) == (fill["twapId"].integer != nil), "seed \(seed)")
            let order = fill["oid"].integer
            let isFilled: (JSON) -> Bool = { $0["order"]["oid"].integer == order && $0["status"].text == "filled" }
            #expect(updates.contains(where: isFilled), "seed \(seed)")
            #expect(history.contains(where: isFilled), "seed \(seed)")
            guard ["BTC", "ETH", "SOL", "HYPE"].contains(fill["coin"].text) else { continue }
            let trade = try #require(tape.first { $0["tid"].integer == id }, "seed \(seed)")
            #expect(trade["px"].text == fill["px"].text && trade["sz"].text == fill["sz"].text)
            #expect(trade["users"][fill["side"].text == "B" ? 0 : 1].text == alice)
            #expect(trade["time"].integer == fill["time"].integer)
        }
        #expect(story.messages.count { $0.channel == "notification" } == fills.count)
    }

    @Test("an account's trade appears on the tape and on the account's feeds at the same time", arguments: 1...3)
    func atOnce(seed: UInt64) throws {
        let story = Story(seed: seed)
        var reported: [Int64: Instant] = [:]
        for message in story.messages where message.channel == "userFills" {
            for fill in message.data["fills"].array { reported[fill["tid"].integer ?? 0] = message.time }
        }
        var count = 0
        for message in story.messages where message.channel == "trades" {
            for trade in message.data.array where trade["users"].array.contains(where: { $0.text == alice }) {
                #expect(try #require(reported[trade["tid"].integer ?? 0]) == message.time, "seed \(seed)")
                count += 1
            }
        }
        #expect(count > 10, "seed \(seed)")
    }

    @Test("openOrders lists the orders that were opened and have not ended", arguments: 1...5)
    func openOrders(seed: UInt64) {
        let story = Story(seed: seed)
        let lists = story.messages.filter { $0.channel == "openOrders" }.map { $0.data["orders"].array }
        var open = Set(lists.first?.compactMap { $0["oid"].integer } ?? [])
        for update in story.messages.filter({ $0.channel == "orderUpdates" }).flatMap(\.data.array) {
            guard let order = update["order"]["oid"].integer,
                update["order"]["coin"].text?.hasPrefix("xyz:") == false
            else { continue }
            if update["status"].text == "open" { open.insert(order) } else { open.remove(order) }
        }
        #expect(Set(lists.last?.compactMap { $0["oid"].integer } ?? []) == open, "seed \(seed)")
        #expect(!open.isEmpty, "seed \(seed)")
    }

    @Test("profits, fees, funding and ledger updates account for every change of the cash", arguments: 1...5)
    func money(seed: UInt64) throws {
        let story = Story(seed: seed)
        let states = story.states(dex: "")
        var expected = try Self.cash(#require(states.first))
        for fill in story.live("userFills", "fills") {
            guard fill["coin"].text?.hasPrefix("xyz:") == false, fill["dir"].text != "Buy", fill["dir"].text != "Sell"
            else { continue }
            expected = try expected.adding(#require(fill["closedPnl"].decimal)).subtracting(
                #require(fill["fee"].decimal))
        }
        for row in story.live("userFundings", "fundings") where row["coin"].text?.hasPrefix("xyz:") == false {
            expected = try expected.adding(#require(row["usdc"].decimal))
        }
        for row in story.live("userNonFundingLedgerUpdates", "nonFundingLedgerUpdates") {
            expected = try expected.adding(Self.effect(of: row["delta"]))
        }
        #expect(try Self.cash(#require(states.last)) == expected, "seed \(seed)")
    }

    /// The account value without unrealised profits.
    private static func cash(_ state: JSON) throws -> ExactDecimal {
        var cash = try #require(state["marginSummary"]["accountValue"].decimal)
        for position in state["assetPositions"].array {
            cash = try cash.subtracting(#require(position["position"]["unrealizedPnl"].decimal))
        }
        return cash
    }

    /// The change that a ledger update makes to the cash of the main dex.
    private static func effect(of delta: JSON) throws -> ExactDecimal {
        let amount = delta["usdc"].decimal ?? .zero
        switch delta["type"].text {
        case "deposit", "accountClassTransfer": return amount
        case "withdraw": return try ExactDecimal.zero.subtracting(amount).subtracting(#require(delta["fee"].decimal))
        case "internalTransfer", "vaultDeposit": return try ExactDecimal.zero.subtracting(amount)
        case "send": return try ExactDecimal.zero.subtracting(#require(delta["amount"].decimal))
        default: return .zero
        }
    }

    @Test func `an account depends on the seed and its address only`() {
        func fills(seed: UInt64, user: String) -> String {
            var exchange = VirtualExchange(seed: seed)
            return exchange.ask(#"{"type":"userFills","user":"\#(user)"}"#).body
        }
        let other = "0x2222222222222222222222222222222222222222"
        #expect(fills(seed: 1, user: alice) == fills(seed: 1, user: alice.uppercased().replacing("0X", with: "0x")))
        #expect(fills(seed: 1, user: alice) != fills(seed: 1, user: other))
        #expect(fills(seed: 1, user: alice) != fills(seed: 2, user: alice))
    }

    @Test func `aggregateByTime merges the fills of one order at one time without loss`() throws {
        var exchange = VirtualExchange(seed: 3)
        _ = exchange.ask(#"{"type":"userFills","user":"\#(alice)"}"#)
        exchange.run(.seconds(300))
        let plain = JSON(exchange.ask(#"{"type":"userFills","user":"\#(alice)"}"#).body).array
        let merged = JSON(exchange.ask(#"{"type":"userFills","user":"\#(alice)","aggregateByTime":true}"#).body).array
        #expect(merged.count < plain.count)
        #expect(Set(merged.compactMap { $0["oid"].integer }).count == merged.count)
        for name in ["sz", "fee", "closedPnl"] {
            let sums = try [plain, merged].map { rows in
                try rows.compactMap { $0[name].decimal }.reduce(ExactDecimal.zero) { try $0.adding($1) }
            }
            #expect(sums[0] == sums[1], "\(name)")
        }
    }
}
