internal import HyperliquidWire

extension Market {
    /// What `/info` answers about an account (docs/protocol.md, "Back-fill").
    mutating func userAnswer(_ info: InfoRequest) -> [UInt8]? {
        guard let user = info.user, let dex = floor.listing.dex(named: info.text("dex")) else { return nil }
        let account = accounts.account(user, on: &floor)
        let rows = account.rows
        switch info.type {
        case "userAbstraction": return Frame.bare(account.abstraction)
        case "userRole": return Array(#"{"role":"user"}"#.utf8)
        case "userFills":
            let fills = Accounts.fills(rows.fills.newest(2000), isAggregated: info.flag("aggregateByTime"))
            return Frame.bare(Array(fills.reversed()))
        case "userFillsByTime":
            let fills = Accounts.fills(rows.fills.newest(4000), isAggregated: info.flag("aggregateByTime"))
            return page(fills, info, limit: 2000, time: \.timeMilliseconds)
        case "userFunding": return fundingAnswer(rows, info)
        case "userNonFundingLedgerUpdates":
            return page(rows.ledger.newest(4000), info, limit: 500, time: \.timeMilliseconds)
        case "historicalOrders": return Frame.bare(Array(rows.history.newest(2000).reversed()))
        case "userTwapSliceFills": return Frame.bare(Array(rows.twapSlices.newest(2000).reversed()))
        case "userTwapSliceFillsByTime":
            return page(rows.twapSlices.newest(4000), info, limit: 2000, time: \.fill.timeMilliseconds)
        case "twapHistory": return Frame.bare(Array(rows.twapHistory.newest(2000).reversed()))
        case "frontendOpenOrders": return Frame.bare(account.openOrders(.one(dex), floor.listing))
        case "openOrders":
            return Frame.bare(account.openOrders(.one(dex), floor.listing).map(Self.basic))
        case "orderStatus": return orderStatus(account, info)
        case "clearinghouseState": return Frame.bare(account.clearinghouse(dex: dex, on: &floor))
        case "spotClearinghouseState":
            return Frame.bare(
                account.spotBalances(ignoringPortfolioMargin: true, withOutcomes: false, floor.listing))
        case "activeAssetData":
            guard let coin = floor.listing.position(of: info.text("coin")), floor.listing.instruments[coin].isPerp
            else { return Array("null".utf8) }
            return Frame.bare(account.activeAssetData(coin, on: &floor))
        default: return nil
        }
    }

    /// Rows of a span of time, oldest first, cut to the venue's page; without a start nothing is known to be asked.
    private func page<Row: JSONWritable>(
        _ rows: some Sequence<Row>, _ info: InfoRequest, limit: Int, time: (Row) -> Int64
    ) -> [UInt8]? {
        guard let start = info.integer("startTime") else { return nil }
        let end = info.integer("endTime") ?? floor.now
        return Frame.bare(Array(rows.filter { (start...max(start, end)).contains(time($0)) }.prefix(limit)))
    }

    /// Over REST a funding row is wrapped, with the hash of no transaction (docs/protocol.md, "userFundings").
    private func fundingAnswer(_ rows: AccountRows, _ info: InfoRequest) -> [UInt8]? {
        page(rows.fundings.newest(4000).map(WrappedFunding.init), info, limit: 500, time: \.funding.timeMilliseconds)
    }

    private static func basic(_ order: FrontendOrder) -> BasicOrder {
        BasicOrder(
            coin: order.coin, side: order.side, limitPrice: order.limitPrice, size: order.size,
            orderID: order.orderID, timeMilliseconds: order.timeMilliseconds, originalSize: order.originalSize,
            clientOrderID: order.clientOrderID, isReduceOnly: order.isReduceOnly ? true : nil)
    }

    private func orderStatus(_ account: Account, _ info: InfoRequest) -> [UInt8] {
        let (id, client) = (info.integer("oid"), info.text("oid"))
        let found = account.rows.history.rows.last {
            $0.order.orderID == id || (!client.isEmpty && $0.order.clientOrderID == client)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", found == nil ? "unknownOid" : "order")
        writer.field(ifPresent: "order", found)
        writer.endObject()
        return writer.bytes
    }
}

/// A funding payment as `/info` wraps it.
private struct WrappedFunding: JSONWritable {
    let funding: Funding

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", funding.timeMilliseconds)
        writer.field("hash", TransactionHash.zero)
        writer.key("delta")
        writer.beginObject()
        writer.field("type", "funding")
        writer.field("coin", funding.coin)
        writer.field("usdc", funding.amount)
        writer.field("szi", funding.positionSize)
        writer.field("fundingRate", funding.fundingRate)
        writer.field(orNull: "nSamples", funding.sampleCount)
        writer.endObject()
        writer.endObject()
    }
}
