/// The first byte chooses the feed, the rest is the value of `data` (of a bare array: the array); or it chooses what the
/// venue is asked about its listings, and the rest is the answer.
///
/// An event that is encoded and decoded again must stay the same. The fast path and the any-order reader
/// must give the same event or the same fault.
func fuzzDecoders(_ bytes: [UInt8]) {
    guard let choice = bytes.first else { return }
    let feeds = FeedCatalogue.feeds
    let index = Int(choice) % (feeds.count + 4)
    guard index < feeds.count else { return checkListing(index - feeds.count, Array(bytes[1...])) }
    guard let feed = feeds[index].descriptor.example as? any CatalogueFeed else {
        violated("an example is of its own type")
    }
    checkDecoder(feed, Array(bytes[1...]))
}

private func checkListing(_ index: Int, _ answer: [UInt8]) {
    func universe(_ meta: PerpMeta?, _ spot: SpotMeta?, _ outcomes: OutcomeMeta?) {
        let universe = Universe(
            perpetuals: [("", meta ?? PerpMeta(assets: []))], spot: spot ?? SpotMeta(pairs: [], tokens: []),
            outcomes: outcomes ?? OutcomeMeta(outcomes: []))
        for market in universe.markets where universe[market.coin] == nil { violated("a market is found by its coin") }
        _ = universe.markets(.matching("*a*") || .spot(quote: "USDC")).count
    }
    switch index {
    case 0: universe(readTwice(answer), nil, nil)
    case 1: universe(nil, readTwice(answer), nil)
    case 2: universe(nil, nil, readTwice(answer))
    default: _ = readTwice(answer) as PerpDexes?
    }
}

/// A value, which must stay the same when it is written and read again.
private func readTwice<Value: VenueValue & Equatable>(_ json: [UInt8]) -> Value? {
    guard let value = try? Value(json: json) else { return nil }
    var writer = JSONWriter()
    writer.value(value)
    guard (try? Value(json: writer.bytes)) == value else {
        violated("an answer stays the same", String(decoding: writer.bytes, as: UTF8.self))
    }
    return value
}

/// The outcome of a message.
private enum Outcome: Equatable {
    case event([UInt8])
    case nothing
    case fault(DecodingFault)
}

private func checkDecoder<F: CatalogueFeed>(_ feed: F, _ data: [UInt8]) {
    // The stream of changes is compressed, so its text is mutated instead.
    let isCompressed = feed is FastAssetContextsFeed
    let message = makeMessage(feed, isCompressed ? compressed(data) : data)
    let fast = decode(feed, message, triesFastPath: true)
    let plain = decode(feed, message, triesFastPath: false)
    guard fast == plain else {
        violated("both ways lead to the same", "\(feed.request)\n\(shown(fast))\n\(shown(plain))")
    }
    if case .fault(let fault) = fast, fault.byteOffset > message.count { violated("a fault lies in the message") }
    guard case .event(let written) = fast else { return }
    guard (try? withReader(written, { (r) throws(DecodingFault) in try r.skipValue() })) != nil else {
        violated("an event is written as JSON", shown(fast))
    }
    let again = decode(feed, makeMessage(feed, isCompressed ? compressed(written) : written), triesFastPath: true)
    guard again == fast else {
        violated("an event stays the same", "\(feed.request)\n\(shown(fast))\n\(shown(again))")
    }
}

private func makeMessage<F: Feed>(_ feed: F, _ data: [UInt8]) -> [UInt8] {
    guard feed.traits.endpoint == .api else { return data }
    return Array("{\"channel\":\"\(feed.traits.channel)\",\"data\":".utf8) + data + Array("}".utf8)
}

private func decode<F: CatalogueFeed>(_ feed: F, _ message: [UInt8], triesFastPath: Bool) -> Outcome {
    do throws(DecodingFault) {
        return try withReader(message) { (reader) throws(DecodingFault) in
            reader.triesFastPath = triesFastPath
            _ = reader._readEnvelope()
            _ = reader._routeKey(by: feed.traits.route)
            var memory = F.Memory()
            // All rows are new, so they are an update.
            memory.subscribed(atMilliseconds: .min)
            do throws(DecodingFault) {
                let decoded = try F.decode(&reader, memory: &memory)
                return outcome(decoded, feed)
            } catch {
                throw reader.located(error)
            }
        }
    } catch {
        return .fault(error)
    }
}

private func outcome<F: CatalogueFeed>(_ decoded: Decoded<F.Event>, _ feed: F) -> Outcome {
    switch decoded {
    case .update(let event):
        _ = feed.accepts(event)
        var writer = JSONWriter()
        writer.value(event)
        return .event(writer.bytes)
    case .snapshot(let event): return snapshot(event, feed)
    case .snapshotAndUpdate(let both): return snapshot(both.past, feed)
    case .nothing: return .nothing
    }
}

private func snapshot<F: CatalogueFeed>(_ event: F.Event, _ feed: F) -> Outcome {
    _ = feed.accepts(event)
    var writer = JSONWriter()
    if let rows = event as? any MarkableRows {
        rows.write(isSnapshot: true, to: &writer)
    } else {
        writer.value(event)
    }
    return .event(writer.bytes)
}

private protocol MarkableRows {
    func write(isSnapshot: Bool, to writer: inout JSONWriter)
}

extension UserRows: MarkableRows {}

private func shown(_ outcome: Outcome) -> String {
    switch outcome {
    case .event(let bytes): "event \(String(decoding: bytes, as: UTF8.self))"
    case .nothing: "nothing"
    case .fault(let fault): "fault \(fault)"
    }
}

/// `text` as fastAssetCtxs carries it: base64 of one stored block, in quotes.
private func compressed(_ text: [UInt8]) -> [UInt8] {
    let count = UInt16(truncatingIfNeeded: min(text.count, 0xffff))
    var block: [UInt8] = [1]
    for word in [count, ~count] { block += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
    block += text.prefix(0xffff)
    return Array("\"".utf8) + Base64.encode(block) + Array("\"".utf8)
}
