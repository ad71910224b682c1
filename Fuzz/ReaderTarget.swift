/// Reads any bytes as envelope, route key and plain values. A value that can be skipped can also be walked.
func fuzzReader(_ bytes: [UInt8]) {
    readEnvelope(bytes)
    walk(bytes)
    readAlone(bytes)
}

private let schemes: [RouteScheme] = [
    .channel, .coin, .firstCoin, .candle, .dex, .user, .userAndDex, .userAndCoin, .userState,
]

private func readEnvelope(_ bytes: [UInt8]) {
    try? withReader(bytes) { (reader) throws(DecodingFault) in
        _ = reader._readEnvelope()
        let position = reader.byteOffset
        guard position <= bytes.count else { violated("the reader stays in the message", "\(position)") }
        for scheme in schemes {
            let key = reader._routeKey(by: scheme)
            guard reader.byteOffset == position else { violated("a route key does not move the reader") }
            guard reader._routeKey(by: scheme) == key else { violated("a route key is the same each time") }
        }
        var echo = reader
        _ = try? FeedRequest(from: &echo)
        do throws(DecodingFault) {
            try reader.skipValue()
            try reader.finish()
        } catch {
            guard error.byteOffset <= bytes.count else { violated("a fault lies in the message", "\(error)") }
            _ = reader.located(error).description
        }
    }
}

/// Walks every value by its type. Walking and skipping must agree on whether and where a value ends.
private func walk(_ bytes: [UInt8]) {
    let skipped: Int? = try? withReader(bytes) { (reader) throws(DecodingFault) in
        try reader.skipValue()
        return reader.byteOffset
    }
    let walked: Int? = try? withReader(bytes) { (reader) throws(DecodingFault) in
        try walkValue(&reader, depth: 0)
        return reader.byteOffset
    }
    guard skipped == walked else {
        violated("a value that is skipped is a value that is read", "\(String(describing: (skipped, walked)))")
    }
}

private func walkValue(_ reader: inout MessageReader, depth: Int) throws(DecodingFault) {
    switch reader.peekType() {
    case .object:
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            _ = key.text
            try walkValue(&reader, depth: depth + 1)
        }
    case .array:
        var array = try reader.beginArray()
        while try reader.nextElement(&array) { try walkValue(&reader, depth: depth + 1) }
    case .string:
        let text = try reader.readString()
        guard String(validating: text.utf8, as: UTF8.self) != nil else { violated("a text is UTF-8") }
    case .boolean: _ = try reader.readBoolean()
    case .null: try reader.readNull()
    case .number, nil: try reader.skipValue()
    }
}

/// Reads the bytes as each kind of scalar, with and without the fast path.
private func readAlone(_ bytes: [UInt8]) {
    func both<Value: Equatable>(_ name: String, _ read: (inout MessageReader) throws(DecodingFault) -> Value) {
        var results: [Value?] = []
        for triesFastPath in [true, false] {
            results.append(
                try? withReader(bytes) { (reader) throws(DecodingFault) in
                    reader.triesFastPath = triesFastPath
                    return try read(&reader)
                })
        }
        guard results[0] == results[1] else { violated("both ways read the same \(name)", "\(results)") }
    }
    both("decimal") { (reader) throws(DecodingFault) in try reader.readDecimal().description }
    both("coin") { (reader) throws(DecodingFault) in try reader.readCoin() }
    both("integer") { (reader) throws(DecodingFault) in try reader.readInteger() }
    both("address") { (reader) throws(DecodingFault) in try reader.readAddress() }
    both("hash") { (reader) throws(DecodingFault) in try reader.readHash() }
}
