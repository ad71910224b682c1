internal import HyperliquidWire

extension Market {
    /// What `POST /info` answers (docs/protocol.md, "Info requests"), or nothing to a type or fields that it does not
    /// know.
    mutating func answer(info: InfoRequest) -> [UInt8]? {
        marketAnswer(info) ?? userAnswer(info)
    }

    private mutating func marketAnswer(_ info: InfoRequest) -> [UInt8]? {
        let dex = floor.listing.dex(named: info.text("dex"))
        switch info.type {
        case "meta": return dex.map { json(meta(ofDex: $0)) }
        case "spotMeta": return json(spotMeta)
        case "metaAndAssetCtxs":
            return dex.map { dex in
                let contexts = contexts(ofDex: dex).contexts
                return json { [meta = meta(ofDex: dex)] writer in
                    writer.beginArray()
                    meta(&writer)
                    writer.array(contexts)
                    writer.endArray()
                }
            }
        case "spotMetaAndAssetCtxs":
            let contexts = spotContexts()
            return json { [spotMeta] writer in
                writer.beginArray()
                spotMeta(&writer)
                writer.array(contexts)
                writer.endArray()
            }
        case "perpDexs": return json(perpDexs)
        case "outcomeMeta": return json(outcomeMeta)
        case "allMids":
            if info.text("dex") == "ALL_DEXS" { return json(mids(.all)) }
            return dex.map { json(mids(.one($0))) }
        case "l2Book": return book(info)
        case "recentTrades":
            guard let coin = floor.listing.position(of: info.text("coin")) else { return Array("null".utf8) }
            let market = floor[coin]
            return Frame.bare(market.tape.replay.map(market.event))
        case "candleSnapshot": return candles(info)
        case "fundingHistory": return fundingHistory(info)
        default: return nil
        }
    }

    func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.bytes
    }

    /// Mids without an envelope.
    private func json(_ mids: AllMids) -> [UInt8] {
        json { writer in
            writer.beginObject()
            for mid in mids { writer.field(mid.coin.name, mid.price) }
            writer.endObject()
        }
    }

    private mutating func book(_ info: InfoRequest) -> [UInt8]? {
        guard let coin = floor.listing.position(of: info.text("coin")) else { return Array("null".utf8) }
        let (digits, mantissa) = (info.integer("nSigFigs"), info.integer("mantissa"))
        guard digits.map({ (2...5).contains($0) }) ?? true, mantissa == nil || digits == 5,
            mantissa.map({ [1, 2, 5].contains($0) }) ?? true
        else { return nil }
        return Frame.bare(
            floor[coin].shownBook(
                digits: digits.map { Int($0) }, mantissa: mantissa.map { Int($0) }, isFast: false,
                hints: habits.showsBookHints, at: floor.blockTime))
    }
}
