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
