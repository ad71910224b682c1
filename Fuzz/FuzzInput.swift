/// Ends the run. The fuzzer keeps the input.
func violated(_ rule: String, _ details: @autoclosure () -> String = "") -> Never {
    fatalError("\(rule): \(details())")
}

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

/// A copy of the fuzzer's bytes, so that the sanitizer detects an access past either end.
func input(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: start, count: count))
}
