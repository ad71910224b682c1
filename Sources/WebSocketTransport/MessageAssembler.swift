/// Turns a stream of bytes into frames and messages; a message that lies complete in the receive buffer is not copied.
package struct MessageAssembler {
    /// A complete message or control frame. Its pointers are valid only during the call that receives it.
    @unsafe package enum Output {
        case text(UnsafeRawBufferPointer)
        case binary(UnsafeRawBufferPointer)
        case ping([UInt8])
        case pong
        case close(code: UInt16?, reason: String)
    }

    private let isServer: Bool
    let limit: Int
    /// The beginning of the message beyond the limit with which the last read failed, at most 512 bytes.
    private(set) var largeHead: [UInt8] = []
    /// The fragments of an incomplete message so far.
    private var fragments: [UInt8] = []
    private var fragmentOpcode: FrameHeader.Opcode?
    private var fragmentCount = 0
    /// Scratch storage for unmasked payloads, kept from frame to frame.
    private var unmasked: [UInt8] = []

    /// Scratch storage that is larger than this is released after its message.
    private static let keptByteCount = 1 << 20
    /// The largest number of fragments of one message: empty ones would make a message that never ends. Twice as many
    /// as the smallest pieces that Autobahn's suite sends make of 4 MiB.
    package static let fragmentLimit = 1 << 17

    package init(isServer: Bool, limit: Int) {
        self.isServer = isServer
        self.limit = limit
    }

    /// An assembler with the same settings, at the start of a stream.
    func emptied() -> MessageAssembler { MessageAssembler(isServer: isServer, limit: limit) }

    /// The least number of bytes that the next `read` of the incomplete frame at the start of `bytes` needs.
    package func wantedByteCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe FrameHeader.wantedByteCount(bytes, isMasked: isServer)
    }

    /// Reads frames from the start of `bytes`, and passes complete messages and control frames to `emit` until that
    /// returns `false`.
    ///
    /// Call this once per read and not per frame, because each access to a stored assembler is checked for exclusivity.
    /// - Returns: The number of bytes consumed.
    @inline(__always)
    package mutating func read(
        _ bytes: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Int {
        var position = 0
        var continues = true
        while continues, position < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
            if let text = unsafe expectedText(rest) {
                position += text.upperBound
                continues = try unsafe emitText(UnsafeRawBufferPointer(rebasing: rest[text]), emit: emit)
                continue
            }
            guard let header = try unsafe readHeader(rest), rest.count >= header.frameByteCount else { break }
            position += header.frameByteCount
            let payload = unsafe UnsafeRawBufferPointer(
                rebasing: rest[header.headerByteCount..<header.frameByteCount])
            if let mask = header.mask {
                continues = try unsafe readMasked(header, payload, mask, emit: emit)
            } else {
                continues = try unsafe readPayload(header, payload, emit: emit)
            }
        }
        return position
    }

    private mutating func readHeader(_ bytes: UnsafeRawBufferPointer) throws(FrameHeader.Violation) -> FrameHeader? {
        do throws(FrameHeader.Violation) {
            return try unsafe FrameHeader(bytes, isMasked: isServer, limit: limit)
        } catch {
            // A length beyond the limit is nearly always written in eight bytes. A client's masked text is not read.
            let start = unsafe bytes[1] & 0x7f == 127 ? 10 : 4
            let payload = unsafe isServer ? bytes.prefix(0) : bytes.dropFirst(start)
            largeHead = unsafe Array((fragments.isEmpty ? Array(payload.prefix(512)) : fragments).prefix(512))
            throw error
        }
    }

    /// The payload's range if the frame is a complete, unmasked text message of up to 65,535 bytes, as nearly all
    /// frames to a client are; `nil` for any other frame. The general rules cost three times the instructions.
    @inline(__always) private func expectedText(_ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
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

    /// Unmasks into a copy: the receive buffer is shared with NIO's pool and must not be written.
    private mutating func readMasked(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, _ mask: UInt32, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        // The storage is moved out of `self`, because `self` is changed while the copy in the storage is borrowed.
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
                return .success(try unsafe readPayload(header, UnsafeRawBufferPointer(copy), emit: emit))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @inline(__always)
    private mutating func readPayload(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        if header.opcode == .text, header.isFinal, fragmentOpcode == nil {
            return try unsafe emitText(payload, emit: emit)
        }
        return try unsafe readRare(header, payload, emit: emit)
    }

    private mutating func readRare(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        switch header.opcode {
        case .ping: return unsafe emit(.ping(Array(payload)))
        case .pong: return unsafe emit(.pong)
        case .close: return unsafe emit(try Self.close(payload))
        case .text, .binary:
            guard fragmentOpcode == nil else {
                throw FrameHeader.Violation(.protocolError, "a message begins inside another message")
            }
            if header.isFinal { return unsafe emit(.binary(payload)) }
            fragmentOpcode = header.opcode
            fragmentCount = 1
            fragments = unsafe Array(payload)
            return true
        case .continuation: return try unsafe readContinuation(header, payload, emit: emit)
        }
    }

    private mutating func readContinuation(
        _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, emit: (Output) -> Bool
    ) throws(FrameHeader.Violation) -> Bool {
        guard let opcode = fragmentOpcode else {
            throw FrameHeader.Violation(.protocolError, "a continuation frame follows no first fragment")
        }
        guard fragments.count + payload.count <= limit else {
            largeHead = Array(fragments.prefix(512))
            throw FrameHeader.Violation(.messageTooBig, "a message is over the limit of \(limit) bytes")
        }
        fragmentCount += 1
        guard fragmentCount <= Self.fragmentLimit else {
            throw FrameHeader.Violation(.policyViolation, "a message has more than \(Self.fragmentLimit) fragments")
        }
        unsafe fragments.append(contentsOf: payload)
        guard header.isFinal else { return true }
        let message = fragments
        fragments = []
        fragmentOpcode = nil
        let continues: Bool? = unsafe message.withUnsafeBytes { buffer in
            guard opcode == .text else { return unsafe emit(.binary(buffer)) }
            return unsafe UTF8Check.isValid(buffer) ? emit(.text(buffer)) : nil
        }
        guard let continues else { throw FrameHeader.Violation(.invalidPayload, "a text message is not UTF-8") }
        return continues
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
