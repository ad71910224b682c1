/// Any bytes, in pieces of any size, are read by the message assembler as by its plain twin.
///
/// The first byte chooses the side and its limit, the second the length of the pieces (0: all at once).
func fuzzFrames(_ bytes: [UInt8]) {
    guard bytes.count > 2 else { return }
    let isServer = bytes[0] & 1 == 1
    let limit = [10, 200, 70_000, 1 << 20][Int(bytes[0] >> 1 & 3)]
    let stream = Array(bytes[2...])
    let size = bytes[1] == 0 ? stream.count : Int(bytes[1])
    let pieces = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    var twin = PlainTwin(isServer: isServer, limit: limit)
    twin.read(stream)
    let heard = Heard.listen(to: pieces, isServer: isServer, limit: limit)
    guard heard == twin.heard else { violated("frames are what their plain twin reads", "\(heard), \(twin.heard)") }
    wantMore(stream, isServer, limit)
}

/// An incomplete frame requests more bytes than there are, and no more than its header declares.
private func wantMore(_ stream: [UInt8], _ isServer: Bool, _ limit: Int) {
    let assembler = MessageAssembler(isServer: isServer, limit: limit)
    for count in 0..<min(stream.count, 16) {
        let start = Array(stream[..<count])
        let wanted = unsafe start.withUnsafeBytes { unsafe assembler.wantedByteCount($0) }
        guard wanted >= 2 else { violated("a frame has a header", "\(wanted) of \(start)") }
    }
}
