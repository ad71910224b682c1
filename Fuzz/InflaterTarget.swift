#if HAS_ZLIB
internal import CZlib

/// Inflates any bytes here and with zlib; both must agree.
func fuzzInflater(_ bytes: [UInt8]) {
    let limit = 1 << 16
    let ours = Inflater.inflate(bytes, limit: limit)
    let theirs = inflateByZlib(bytes, limit: limit)
    guard ours == theirs else {
        violated("both inflate to the same", "\(ours?.count ?? -1) and \(theirs?.count ?? -1) bytes")
    }
    let digits = String(decoding: bytes.map { $0 & 0x7f }, as: UTF8.self)
    if let decoded = Base64.decode(Array(digits.utf8)), decoded.count > digits.utf8.count { violated("base64 shrinks") }
}

/// The result of zlib for raw DEFLATE; `nil` if it is damaged, truncated, or longer than `limit`.
private func inflateByZlib(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard
        unsafe inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK
    else { violated("zlib starts") }
    defer { unsafe inflateEnd(&stream) }
    var source = bytes + [0]
    var output = [UInt8](repeating: 0, count: limit + 1)
    let result = unsafe source.withUnsafeMutableBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = UInt32(source.count - 1)
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(output.count)
            return unsafe inflate(&stream, Z_FINISH)
        }
    }
    let written = unsafe output.count - Int(stream.avail_out)
    guard result == Z_STREAM_END, written <= limit else { return nil }
    return Array(output[..<written])
}
#endif
