internal import HyperliquidWire

/// The answers of `/info` about an account (docs/protocol.md, "Back-fill").
extension InfoRequest {
    /// The answer; `nil` if the type is not one about an account, or its fields are wrong.
    func userAnswer(from market: inout Market) -> [UInt8]? {
        let listing = market.state.listing
        guard let user, let dex = listing.dex(named: text("dex")) else { return nil }
        let account = market.accounts.account(user, in: &market.state)
        let rows = account.rows
        switch type {
        case "userAbstraction": return MessageEnvelope.bare(account.abstraction)
        case "userRole": return Array(#"{"role":"user"}"#.utf8)
        case "userFills":
            let fills = rows.fills.newest(2000).list(isAggregated: flag("aggregateByTime"))
            return MessageEnvelope.bare(Array(fills.reversed()))
        case "userFillsByTime":
            let fills = rows.fills.newest(4000).list(isAggregated: flag("aggregateByTime"))
            return page(fills, shownBy: market.time, limit: 2000, time: \.timeMilliseconds)
        case "userFunding":
            return page(
                rows.fundings.newest(4000).map(WrappedFunding.init), shownBy: market.time, limit: 500,
                time: \.funding.timeMilliseconds)
        case "userNonFundingLedgerUpdates":
            return page(rows.ledger.newest(4000), shownBy: market.time, limit: 500, time: \.timeMilliseconds)
        case "historicalOrders": return MessageEnvelope.bare(Array(rows.history.newest(2000).reversed()))
        case "userTwapSliceFills": return MessageEnvelope.bare(Array(rows.twapSlices.newest(2000).reversed()))
        case "userTwapSliceFillsByTime":
            return page(rows.twapSlices.newest(4000), shownBy: market.time, limit: 2000, time: \.fill.timeMilliseconds)
        case "twapHistory": return MessageEnvelope.bare(Array(rows.twapHistory.newest(2000).reversed()))
        case "frontendOpenOrders": return MessageEnvelope.bare(account.openOrders(.one(dex), listing))
        case "openOrders":
            return MessageEnvelope.bare(account.openOrders(.one(dex), listing).map(Self.basic))
        case "orderStatus": return orderStatus(account)
        case "clearinghouseState": return MessageEnvelope.bare(account.clearinghouse(dex: dex, in: &market.state))
        case "spotClearinghouseState":
            return MessageEnvelope.bare(
                account.spotBalances(ignoringPortfolioMargin: true, withOutcomes: false, listing))
        case "activeAssetData":
            guard let coin = listing.index(of: text("coin")), listing.instruments[coin].isPerp
            else { return Self.null }
            return MessageEnvelope.bare(account.activeAssetData(coin, in: &market.state))
        default: return nil
        }
    }

    /// The rows in the requested interval, oldest first, up to the venue's limit. `nil` if the request has no start.
    private func page<Row: JSONWritable>(
        _ rows: some Sequence<Row>, shownBy clock: ShownTime, limit: Int, time: (Row) -> Int64
    ) -> [UInt8]? {
        guard let start = integer("startTime") else { return nil }
        let end = integer("endTime") ?? .max
        let wanted = rows.filter { (start...max(start, end)).contains(clock.shown(time($0))) }
        return MessageEnvelope.bare(Array(wanted.prefix(limit)))
    }

    private static func basic(_ order: FrontendOrder) -> BasicOrder {
        BasicOrder(
            coin: order.coin, side: order.side, limitPrice: order.limitPrice, size: order.size,
            orderID: order.orderID, timeMilliseconds: order.timeMilliseconds, originalSize: order.originalSize,
            clientOrderID: order.clientOrderID, isReduceOnly: order.isReduceOnly ? true : nil)
    }

    private func orderStatus(_ account: Account) -> [UInt8] {
        let (id, client) = (integer("oid"), text("oid"))
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

/// A funding payment as `/info` wraps it, with the hash of no transaction (docs/protocol.md, "userFundings").
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
