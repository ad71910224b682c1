/// The least that compresses: what tests and fixtures put around a text.
enum Deflate {
    /// `bytes` in stored blocks of up to 65535 bytes (RFC 1951 section 3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xffff)
            rest = rest.dropFirst(block.count)
            output.append(rest.isEmpty ? 1 : 0)
            let count = UInt16(block.count)
            for word in [count, ~count] { output += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
            output += block
        } while !rest.isEmpty
        return output
    }
}

extension [UInt8] {
    /// The bytes in base64 (RFC 4648).
    var base64: String {
        let digits = Array<Character>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: count, by: 3) {
            let group = self[start..<Swift.min(start + 3, count)]
            let bits = (0..<3).reduce(0) { $0 << 8 | (start + $1 < count ? Int(self[start + $1]) : 0) }
            for place in 0..<4 {
                text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }
}
