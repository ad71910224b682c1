/// Any bytes as decimal texts: a decimal is written with the same digits, and arithmetic is exact or overflows.
func fuzzDecimal(_ bytes: [UInt8]) {
    let texts = bytes.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
    let decimals = texts.map { checkText(Array($0)) }
    if decimals.count == 2, let left = decimals[0], let right = decimals[1] { checkPair(left, right) }
}

private func checkText(_ bytes: [UInt8]) -> ExactDecimal? {
    let text = String(decoding: bytes, as: UTF8.self)
    let decimal = ExactDecimal(text)
    let isPlain = !bytes.contains { $0 < 0x20 || $0 >= 0x80 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    if isPlain {
        let quoted = Array("\"".utf8) + bytes + Array("\"".utf8)
        // Alone, and with bytes behind it, because wide reads may extend past the end of the text.
        for message in [quoted, quoted + Array("        ".utf8), quoted + Array(",\"9999999999\"".utf8)] {
            let read = try? withReader(message) { (reader) throws(DecodingFault) in try reader.readDecimal() }
            guard read?.description == decimal?.description else { violated("both ways read the same", text) }
        }
    }
    guard let decimal else { return nil }
    guard decimal.description == text else { violated("a decimal is written as it came", text) }
    guard ExactDecimal(mantissa: decimal.mantissa, scale: decimal.scale) == decimal else { violated("parts", text) }
    guard decimal.doubleValue == Double(text) else { violated("the nearest double", text) }
    return decimal
}

private func checkPair(_ left: ExactDecimal, _ right: ExactDecimal) {
    let orders = [left < right, left == right, right < left]
    guard orders.count(where: { $0 }) == 1 else { violated("one order holds", "\(left) \(right)") }
    if left == right, left.hashValue != right.hashValue { violated("equal values hash alike", "\(left) \(right)") }
    if let sum = try? left.adding(right) {
        guard sum == (try? right.adding(left)) else { violated("sums commute", "\(left) \(right)") }
        if let back = try? sum.subtracting(right), back != left { violated("a difference undoes", "\(left) \(right)") }
    }
    if let product = try? left.multiplied(by: right) {
        guard product == (try? right.multiplied(by: left)) else { violated("products commute", "\(left) \(right)") }
    }
    if let difference = try? left.subtracting(right) {
        guard (difference < .zero) == (left < right) else { violated("a difference has the order's sign") }
    }
}
