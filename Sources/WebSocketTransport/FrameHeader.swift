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

    /// A breach of RFC 6455 by the peer, with the close code that reports it.
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

    /// Reads the header at the start of `bytes`; `nil` if it is not complete yet.
    /// - Parameters:
    ///   - isMasked: Whether the peer has to mask its frames: a client has to, a server may not.
    ///   - limit: The largest payload accepted, in bytes.
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

    /// The least number of bytes that reading the incomplete frame at the start of `bytes` needs, as far as is known.
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

/// The XOR with which a client masks its payloads (RFC 6455, section 5.3).
package enum Mask {
    /// Masks or unmasks in place. Four words at a time: byte by byte, it would dominate a busy server's reads.
    /// - Parameter key: The mask's four bytes as they lie in the frame, in memory order.
    package static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
        let word = UInt64(key) << 32 | UInt64(key)
        let words = SIMD4<UInt64>(repeating: word)
        var index = 0
        while index + 32 <= bytes.count {
            let masked = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self) ^ words
            unsafe bytes.storeBytes(of: masked, toByteOffset: index, as: SIMD4<UInt64>.self)
            index += 32
        }
        while index + 4 <= bytes.count {
            let masked = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self) ^ key
            unsafe bytes.storeBytes(of: masked, toByteOffset: index, as: UInt32.self)
            index += 4
        }
        var rest = UInt32(littleEndian: key)
        while index < bytes.count {
            unsafe bytes[index] ^= UInt8(truncatingIfNeeded: rest)
            rest >>= 8
            index += 1
        }
    }
}

/// The codes of Close frames (RFC 6455, section 7.4).
package struct CloseCode: Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let normal = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let unsupportedData = CloseCode(rawValue: 1003)
    package static let invalidPayload = CloseCode(rawValue: 1007)
    package static let policyViolation = CloseCode(rawValue: 1008)
    package static let messageTooBig = CloseCode(rawValue: 1009)

    /// Whether a Close frame may carry this code.
    package static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The longest prefix of `reason` that fits into a Close frame: 123 bytes, whole characters only.
    package static func fitting(_ reason: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in reason {
            guard bytes.count + character.utf8.count <= 123 else { break }
            bytes += Array(character.utf8)
        }
        return bytes
    }
}
