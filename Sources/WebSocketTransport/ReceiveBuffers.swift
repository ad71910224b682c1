internal import NIOCore

/// What a connection is read into: a small buffer, enough for the answer to the handshake, that grows to its full
/// size with the second read.
///
/// NIO copies the first buffer whole before anything was read into it: half a megabyte, each page of it touched twice.
struct ReceiveBuffers: RecvByteBufferAllocator {
    let fullByteCount: Int
    private static let firstByteCount = 1024

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: min(fullByteCount, Self.firstByteCount))
    }

    func nextBufferSize() -> Int? { fullByteCount }

    mutating func record(actualReadBytes: Int) -> Bool { false }
}
