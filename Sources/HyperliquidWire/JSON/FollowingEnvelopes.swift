/// Several envelopes in one text: where one ends, and what an unreadable rest names.
///
/// The venue has never been seen to send such a text, but a proxy may (docs/protocol.md, "Messages").
extension MessageReader {
    /// Whether the text ends here, except for white space and the closing bracket of the envelope.
    package var isAtEnd: Bool {
        var rest = self
        guard let byte = rest.nextByte() else { return true }
        guard byte == UInt8(ascii: "}") else { return false }
        rest.cursor += 1
        return rest.nextByte() == nil
    }

    /// The bytes of the first JSON value of the text; `nil` if the value cannot be read.
    var envelopeRange: Range<Int>? {
        var scan = self
        (scan.cursor, scan.depth) = (0, 0)
        _ = scan.nextByte()
        let start = scan.cursor
        do throws(DecodingFault) {
            try scan.skipValue()
        } catch {
            return nil
        }
        return start..<scan.cursor
    }

    /// Reads the first JSON value of the text and the white space behind it, whatever the value is. Returns the byte
    /// behind them, or the byte at which the value is damaged.
    package func scanEnvelope() -> (end: Int, isWhole: Bool) {
        var scan = self
        (scan.cursor, scan.depth) = (0, 0)
        do throws(DecodingFault) {
            try scan.skipValue()
        } catch {
            return (scan.cursor, false)
        }
        _ = scan.nextByte()
        return (scan.cursor, true)
    }

    /// Moves to the end of the text, so that nothing can be decoded.
    package mutating func moveToEnd() { cursor = byteCount }

    /// Calls `body` with each name that stands as a channel in the text from `start` on, well-formed or not.
    package func forEachChannel(from start: Int, _ body: (_ChannelKey) -> Void) {
        var scan = self
        scan.cursor = start
        while scan.cursor < byteCount {
            guard scan.consume(#""channel""#) else {
                scan.cursor += 1
                continue
            }
            guard scan.nextByte() == UInt8(ascii: ":") else { continue }
            scan.cursor += 1
            guard scan.nextByte() == UInt8(ascii: "\""), let range = scan.scanPlainString() else { continue }
            body(_ChannelKey(scan, range))
        }
    }

    /// Whether the text from `start` on has a bracket that opens an object or an array, as every envelope does.
    package func hasBracket(from start: Int) -> Bool {
        (start..<byteCount).contains { byte(at: $0) == UInt8(ascii: "{") || byte(at: $0) == UInt8(ascii: "[") }
    }
}
