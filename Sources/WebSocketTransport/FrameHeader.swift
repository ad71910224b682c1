/// The head of a WebSocket frame (RFC 6455, section 5.2).
struct FrameHeader: Hashable {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa

        var isControl: Bool { rawValue >= 0x8 }
    }

    /// What a peer did that RFC 6455 forbids, with the code that says so.
    struct Violation: Error, Hashable {
        let code: CloseCode
        let message: String

        init(_ code: CloseCode, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    let isFinal: Bool
    let opcode: Opcode
    let mask: UInt32?
    let headerByteCount: Int
    let payloadByteCount: Int

    var frameByteCount: Int { headerByteCount + payloadByteCount }

    /// Reads a header at the start of `bytes`; nothing when it is not complete yet.
    init?(_ bytes: UnsafeRawBufferPointer, isMasked: Bool, limit: Int) throws(Violation) {
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
}
