/// Turns a stream of bytes into frames and messages, in place where a message lies whole in what was read.
package struct MessageAssembler {
    /// What came out of the stream.
    @unsafe package enum Output {
        case text(UnsafeRawBufferPointer)
        case binary(UnsafeRawBufferPointer)
        case ping([UInt8])
        case pong
        case close(code: UInt16?, reason: String)
    }

    private let isServer: Bool
    private let limit: Int
    /// A message whose last fragment is still to come.
    private var fragments: [UInt8] = []
    private var fragmentOpcode: FrameHeader.Opcode?
    /// Where masked payloads are unmasked; kept from frame to frame.
    private var unmasked: [UInt8] = []

    /// A larger scratch space is given back after its message.
    private static let keptByteCount = 1 << 20

    package init(isServer: Bool, limit: Int) {
        self.isServer = isServer
        self.limit = limit
    }

    /// Another one of the same settings, at the start of a stream.
    func emptied() -> MessageAssembler { MessageAssembler(isServer: isServer, limit: limit) }

    /// How many bytes from the start of `bytes`, where a frame is incomplete, the next `read` needs at least.
    package func wantedByteCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe FrameHeader.wantedByteCount(bytes, isMasked: isServer)
    }

    /// Reads frames from the start of `bytes` and gives the number of bytes done with. What they complete goes to
    /// `emit`, valid for the call, until it answers that it has enough.
    ///
    /// One call a read, not a frame: each access to a stored assembler is checked for exclusivity.
    @inline(__always)
    package mutating func read(
        _ bytes: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Int {
        var position = 0
        var goesOn = true
        while goesOn, position < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
            if let text = unsafe usualText(rest) {
                position += text.upperBound
                goesOn = try unsafe emitText(UnsafeRawBufferPointer(rebasing: rest[text]), emit: emit)
                continue
            }
            guard let header = try unsafe FrameHeader(rest, isMasked: isServer, limit: limit),
                rest.count >= header.frameByteCount
            else { break }
            position += header.frameByteCount
            let payload = unsafe UnsafeRawBufferPointer(
                rebasing: rest[header.headerByteCount..<header.frameByteCount])
            if let mask = header.mask {
                goesOn = try unsafe takeMasked(header, payload, mask, emit: emit)
            } else {
                goesOn = try unsafe take(header, payload, emit: emit)
            }
        }
        return position
    }

    /// Where the payload lies of a whole, unmasked text message of up to 65,535 bytes, which nearly all are that a client
    /// receives; nothing for any other frame. The plain rules for them all cost three times the instructions.
    @inline(__always) private func usualText(_ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard !isServer, fragmentOpcode == nil, bytes.count >= 4, unsafe bytes[0] == 0x81 else { return nil }
        var start = 2
        var count = Int(unsafe bytes[1])
        if count >= 126 {
            guard count == 126 else { return nil }
            start = 4
            count = Int(unsafe bytes[2]) << 8 | Int(unsafe bytes[3])
            guard count >= 126 else { return nil }
        }
        guard count <= limit, bytes.count >= start + count else { return nil }
        return start..<start + count
    }

    @inline(__always) private func emitText(
        _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        guard unsafe UTF8Check.isValid(payload) else {
            throw FrameHeader.Violation(.invalidPayload, "a text message is not UTF-8")
        }
        return unsafe emit(.text(payload))
    }

    /// Unmasks into a copy: the receive buffer is shared with the pool it came from, and is not ours to write.
    private mutating func takeMasked(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ mask: UInt32, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        // Out of `self`, which is changed while the copy is borrowed.
        var scratch: [UInt8] = []
        swap(&scratch, &unmasked)
        defer { if scratch.count <= Self.keptByteCount { swap(&scratch, &unmasked) } }
        if scratch.count < payload.count {
            scratch = Array(repeating: 0, count: payload.count.roundedUpToPowerOfTwo)
        }
        let result = unsafe scratch.withUnsafeMutableBytes { space -> Result<Bool, FrameHeader.Violation> in
            let copy = unsafe UnsafeMutableRawBufferPointer(rebasing: space[..<payload.count])
            unsafe copy.copyMemory(from: payload)
            unsafe Mask.apply(mask, to: copy)
            do throws(FrameHeader.Violation) {
                return .success(try unsafe take(header, UnsafeRawBufferPointer(copy), emit: emit))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @inline(__always)
    private mutating func take(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        if header.opcode == .text, header.isFinal, fragmentOpcode == nil {
            return try unsafe emitText(payload, emit: emit)
        }
        return try unsafe takeRare(header, payload, emit: emit)
    }

    private mutating func takeRare(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        switch header.opcode {
        case .ping: return unsafe emit(.ping(Array(payload)))
        case .pong: return unsafe emit(.pong)
        case .close: return unsafe emit(try Self.close(payload))
        case .text, .binary:
            guard fragmentOpcode == nil else {
                throw FrameHeader.Violation(.protocolError, "a message begins inside another one")
            }
            if header.isFinal { return unsafe emit(.binary(payload)) }
            fragmentOpcode = header.opcode
            fragments = unsafe Array(payload)
            return true
        case .continuation: return try unsafe takeContinuation(header, payload, emit: emit)
        }
    }

    private mutating func takeContinuation(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        guard let opcode = fragmentOpcode else {
            throw FrameHeader.Violation(.protocolError, "a continuation continues nothing")
        }
        guard fragments.count + payload.count <= limit else {
            throw FrameHeader.Violation(.messageTooBig, "a message is over the limit of \(limit) bytes")
        }
        unsafe fragments.append(contentsOf: payload)
        guard header.isFinal else { return true }
        let message = fragments
        fragments = []
        fragmentOpcode = nil
        let goesOn: Bool? = unsafe message.withUnsafeBytes { buffer in
            guard opcode == .text else { return unsafe emit(.binary(buffer)) }
            return unsafe UTF8Check.isValid(buffer) ? emit(.text(buffer)) : nil
        }
        guard let goesOn else { throw FrameHeader.Violation(.invalidPayload, "a text message is not UTF-8") }
        return goesOn
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

extension Int {
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
