/// The head of a WebSocket frame (RFC 6455, section 5.2).
package struct FrameHeader: Hashable {
    package enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa

        package var isControl: Bool { rawValue >= 0x8 }
    }

    /// What a peer did that RFC 6455 forbids, with the code that says so.
    package struct Violation: Error, Hashable {
        package let code: CloseCode
        package let message: String

        init(_ code: CloseCode, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    package let isFinal: Bool
    package let opcode: Opcode
    package let mask: UInt32?
    package let headerByteCount: Int
    package let payloadByteCount: Int

    package var frameByteCount: Int { headerByteCount + payloadByteCount }

    /// Reads a header at the start of `bytes`; nothing when it is not complete yet.
    package init?(_ bytes: UnsafeRawBufferPointer, isMasked: Bool, limit: Int) throws(Violation) {
        guard bytes.count >= 2 else { return nil }
        let (first, second) = unsafe (bytes[0], bytes[1])
        guard first & 0x70 == 0 else { throw Violation(.protocolError, "reserved bits are set") }
        guard let opcode = Opcode(rawValue: first & 0x0f) else {
            throw Violation(.protocolError, "opcode \(first & 0x0f) is reserved")
        }
        isFinal = first & 0x80 != 0
        self.opcode = opcode
        guard (second & 0x80 != 0) == isMasked else {
            throw Violation(.protocolError, isMasked ? "a client's frame is not masked" : "a server's frame is masked")
        }
        let short = Int(second & 0x7f)
        if opcode.isControl, !isFinal || short > 125 {
            throw Violation(.protocolError, "a control frame is fragmented or longer than 125 bytes")
        }
        let lengthByteCount = short == 126 ? 2 : short == 127 ? 8 : 0
        headerByteCount = 2 + lengthByteCount + (isMasked ? 4 : 0)
        guard bytes.count >= headerByteCount else { return nil }
        var length = UInt64(short)
        if lengthByteCount > 0 {
            length = 0
            for index in 0..<lengthByteCount { length = length << 8 | UInt64(unsafe bytes[2 + index]) }
            guard length >> 63 == 0 else { throw Violation(.protocolError, "a length has its highest bit set") }
            guard length > (lengthByteCount == 2 ? 125 : 65535) else {
                throw Violation(.protocolError, "a length is not written in its shortest form")
            }
        }
        guard length <= UInt64(limit) else {
            throw Violation(.messageTooBig, "a frame of \(length) bytes is over the limit of \(limit)")
        }
        payloadByteCount = Int(length)
        mask = isMasked ? unsafe bytes.loadUnaligned(fromByteOffset: headerByteCount - 4, as: UInt32.self) : nil
    }

    /// How many bytes from the start of `bytes`, an incomplete frame, are known to be needed to go on with it.
    package static func wantedByteCount(_ bytes: UnsafeRawBufferPointer, isMasked: Bool) -> Int {
        guard bytes.count >= 2 else { return 2 }
        let short = Int(unsafe bytes[1] & 0x7f)
        let lengthByteCount = short == 126 ? 2 : short == 127 ? 8 : 0
        let headerByteCount = 2 + lengthByteCount + (isMasked ? 4 : 0)
        guard bytes.count >= headerByteCount, lengthByteCount > 0 else {
            return headerByteCount + (lengthByteCount > 0 ? 0 : short)
        }
        let length = unsafe bytes[2..<2 + lengthByteCount].reduce(0) { $0 << 8 | UInt64($1) }
        return headerByteCount + Int(clamping: min(length, 1 << 62))
    }
}
