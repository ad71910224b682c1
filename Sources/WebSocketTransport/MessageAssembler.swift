/// Turns a stream of bytes into frames and messages, in place where a message lies whole in what was read.
struct MessageAssembler {
    /// What came out of the stream.
    @unsafe enum Output {
        case text(UnsafeRawBufferPointer)
        case binary(byteCount: Int)
        case ping([UInt8])
        case pong
        case close(code: UInt16?, reason: String)
    }

    private let isServer: Bool
    private let limit: Int
    /// A message whose last fragment is still to come.
    private var fragments: [UInt8] = []
    private var fragmentOpcode: FrameHeader.Opcode?
    private var unmasked: [UInt8] = []

    init(isServer: Bool, limit: Int) {
        self.isServer = isServer
        self.limit = limit
    }

    /// Reads one frame from the start of `bytes` and gives its length, or nothing when it is not complete. What
    /// it completes goes to `emit`, valid for the call.
    @inline(__always)
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, emit: (Output) -> Void
    ) throws(FrameHeader.Violation) -> Int? {
        guard let header = try unsafe FrameHeader(bytes, isMasked: isServer, limit: limit),
            bytes.count >= header.frameByteCount
        else { return nil }
        let payload = unsafe UnsafeRawBufferPointer(
            rebasing: bytes[header.headerByteCount..<header.frameByteCount])
        if let mask = header.mask {
            unsafe unmask(payload, mask)
            // The copy lives in `self`, which `emit` must not see while it is borrowed.
            let copy = unmasked
            let result = unsafe copy.withUnsafeBytes { buffer -> Result<Void, FrameHeader.Violation> in
                do throws(FrameHeader.Violation) {
                    return .success(try unsafe take(header, buffer, emit: emit))
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
        } else {
            try unsafe take(header, payload, emit: emit)
        }
        return header.frameByteCount
    }

    private mutating func unmask(_ payload: UnsafeRawBufferPointer, _ mask: UInt32) {
        let key = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: UInt32(littleEndian: mask) >> UInt32($0)) }
        unmasked.removeAll(keepingCapacity: true)
        unmasked.reserveCapacity(payload.count)
        for index in 0..<payload.count { unmasked.append(unsafe payload[index] ^ key[index & 3]) }
    }

    @inline(__always)
    private mutating func take(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Void
    ) throws(FrameHeader.Violation) {
        if header.opcode == .text, header.isFinal, fragmentOpcode == nil {
            guard unsafe UTF8Check.isValid(payload) else {
                throw FrameHeader.Violation(.invalidPayload, "a text message is not UTF-8")
            }
            unsafe emit(.text(payload))
        } else {
            try unsafe takeRare(header, payload, emit: emit)
        }
    }

    private mutating func takeRare(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Void
    ) throws(FrameHeader.Violation) {
        switch header.opcode {
        case .ping: unsafe emit(.ping(Array(payload)))
        case .pong: unsafe emit(.pong)
        case .close: unsafe emit(try Self.close(payload))
        case .text, .binary:
            guard fragmentOpcode == nil else {
                throw FrameHeader.Violation(.protocolError, "a message begins inside another one")
            }
            if header.isFinal { return unsafe emit(.binary(byteCount: payload.count)) }
            fragmentOpcode = header.opcode
            fragments = unsafe Array(payload)
        case .continuation: try unsafe takeContinuation(header, payload, emit: emit)
        }
    }

    private mutating func takeContinuation(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Void
    ) throws(FrameHeader.Violation) {
        guard let opcode = fragmentOpcode else {
            throw FrameHeader.Violation(.protocolError, "a continuation continues nothing")
        }
        guard fragments.count + payload.count <= limit else {
            throw FrameHeader.Violation(.messageTooBig, "a message is over the limit of \(limit) bytes")
        }
        unsafe fragments.append(contentsOf: payload)
        guard header.isFinal else { return }
        let message = fragments
        fragments = []
        fragmentOpcode = nil
        guard opcode == .text else { return unsafe emit(.binary(byteCount: message.count)) }
        let isValid = unsafe message.withUnsafeBytes { buffer in
            guard unsafe UTF8Check.isValid(buffer) else { return false }
            unsafe emit(.text(buffer))
            return true
        }
        guard isValid else { throw FrameHeader.Violation(.invalidPayload, "a text message is not UTF-8") }
    }

    private static func close(_ payload: UnsafeRawBufferPointer) throws(FrameHeader.Violation) -> Output {
        guard payload.count > 0 else { return unsafe .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw FrameHeader.Violation(.protocolError, "a close code of one byte") }
        let code = unsafe UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard CloseCode.isAllowed(code) else { throw FrameHeader.Violation(.protocolError, "close code \(code)") }
        let reason = unsafe UnsafeRawBufferPointer(rebasing: payload[2...])
        guard unsafe UTF8Check.isValid(reason) else {
            throw FrameHeader.Violation(.invalidPayload, "a close reason is not UTF-8")
        }
        return unsafe .close(code: code, reason: String(decoding: reason, as: UTF8.self))
    }
}
