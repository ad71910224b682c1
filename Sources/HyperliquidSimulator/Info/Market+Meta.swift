internal import HyperliquidWire

extension Market {
    /// The universe of a dex: the names in the order of their contexts.
    func meta(ofDex dex: Int) -> (inout JSONWriter) -> Void {
        let instruments = floor.listing.instruments[floor.listing.dexes[dex].coins]
        return { writer in
            writer.beginObject()
            writer.key("universe")
            writer.beginArray()
            for instrument in instruments {
                writer.beginObject()
                writer.field("szDecimals", instrument.sizeScale)
                writer.field("name", instrument.coin)
                writer.field("maxLeverage", instrument.maximumLeverage)
                writer.field("marginTableId", instrument.maximumLeverage)
                if dex > 0 { writer.field("onlyIsolated", true) }
                if instrument.isDelisted { writer.field("isDelisted", true) }
                writer.endObject()
            }
            writer.endArray()
            writer.key("marginTables")
            writer.beginArray()
            for leverage in Set(instruments.map(\.maximumLeverage)).sorted() {
                Self.writeMarginTable(leverage, to: &writer)
            }
            writer.endArray()
            writer.field("collateralToken", 0)
            writer.endObject()
        }
    }

    /// A table of one tier, numbered by its leverage.
    private static func writeMarginTable(_ leverage: Int, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(leverage)
        writer.beginObject()
        writer.field("description", "")
        writer.key("marginTiers")
        writer.beginArray()
        writer.beginObject()
        writer.field("lowerBound", ExactDecimal.venue(0, scale: 1))
        writer.field("maxLeverage", leverage)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        writer.endArray()
    }

    func perpDexs(_ writer: inout JSONWriter) {
        writer.beginArray()
        writer.null()
        for dex in floor.listing.dexes.dropFirst() {
            writer.beginObject()
            writer.field("name", dex.name)
            writer.field("fullName", dex.name.uppercased())
            writer.field("deployer", Address(participant: SplitMix64.hash(dex.name)))
            writer.field(orNull: "oracleUpdater", nil as Address?)
            writer.field(orNull: "feeRecipient", nil as Address?)
            writer.field("assetToStreamingOiCap", array: [] as [String])
            writer.field("assetToFundingMultiplier", array: [] as [String])
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Spot

    func spotMeta(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("universe")
        writer.beginArray()
        for instrument in floor.listing.instruments[floor.listing.spot] {
            guard case .spot(let pair, let token) = instrument.kind else { continue }
            writer.beginObject()
            writer.field("tokens", array: [token, 0])
            writer.field("name", instrument.coin)
            writer.field("index", pair)
            writer.field("isCanonical", pair == 0)
            writer.endObject()
        }
        writer.endArray()
        writer.key("tokens")
        writer.beginArray()
        for token in 0..<floor.listing.tokenCount { writeToken(token, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func writeToken(_ token: Int, to writer: inout JSONWriter) {
        let digits = String(SplitMix64.mix(UInt64(token), 7), radix: 16)
        writer.beginObject()
        writer.field("name", floor.listing.tokenName(token))
        writer.field("szDecimals", token == 0 ? 8 : 2)
        writer.field("weiDecimals", 8)
        writer.field("index", token)
        writer.field("tokenId", "0x" + String(repeating: "0", count: 32 - digits.count) + digits)
        writer.field("isCanonical", token < 2)
        writer.field(orNull: "evmContract", nil as String?)
        writer.field(orNull: "fullName", nil as String?)
        writer.endObject()
    }

    // MARK: Outcomes

    func outcomeMeta(_ writer: inout JSONWriter) {
        var outcomes: [Int] = []
        for instrument in floor.listing.instruments[floor.listing.outcomes] {
            if case .outcome(let outcome) = instrument.kind, outcomes.last != outcome { outcomes.append(outcome) }
        }
        writer.beginObject()
        writer.key("outcomes")
        writer.array(
            outcomes.map { outcome in
                OutcomeCreation(
                    outcome: Int64(outcome), name: "Recurring",
                    description: "class:priceBinary|underlying:BTC|targetPrice:64000|period:1d",
                    sideSpecs: [.init(name: "Yes", token: nil), .init(name: "No", token: nil)], quoteToken: "USDC")
            })
        writer.endObject()
    }
}
