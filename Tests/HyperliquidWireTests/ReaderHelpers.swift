import HyperliquidWire

/// Gives `body` a reader over `bytes`, at their start.
func withReader<Result>(
    _ bytes: [UInt8], _ body: (inout MessageReader) throws(DecodingFault) -> Result
) throws(DecodingFault) -> Result {
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(DecodingFault) in
        let span = unsafe Span(_unsafeElements: buffer)
        var reader = MessageReader(span)
        return try body(&reader)
    }
}

/// Gives `body` a reader over `text`, at its start.
func withReader<Result>(
    _ text: String, _ body: (inout MessageReader) throws(DecodingFault) -> Result
) throws(DecodingFault) -> Result {
    try withReader(Array(text.utf8), body)
}

/// Writes a value as JSON text.
func encoded(_ value: some JSONWritable) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// A seeded generator, so that a failure can be repeated (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
