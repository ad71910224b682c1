package import NIOCore

extension FrameHeader {
    /// Writes all of a final frame's header but its mask.
    package static func write(
        _ opcode: Opcode, payloadByteCount count: Int, isMasked: Bool, to buffer: inout ByteBuffer
    ) {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126: buffer.writeInteger(maskBit | UInt8(count))
        case ..<65536:
            buffer.writeInteger(maskBit | 126)
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(maskBit | 127)
            buffer.writeInteger(UInt64(count))
        }
    }
}
