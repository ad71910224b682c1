// The fuzzer compiles this file together with the sources it tests.
#if canImport(WebSocketTransport)
import WebSocketTransport
#endif

/// A frame written byte by byte, valid or not, as any peer might send it.
struct RawFrame {
    var isFinal = true
    var reservedBits: UInt8 = 0
    var opcode: UInt8
    var payload: [UInt8] = []
    var mask: [UInt8]?
    /// How many bytes the length is written in: 0, 2 or 8; the shortest form by default.
    var lengthByteCount: Int?

    static func text(_ text: String, final isFinal: Bool = true) -> RawFrame {
        RawFrame(isFinal: isFinal, opcode: 1, payload: Array(text.utf8))
    }

    static func continuation(_ text: String, final isFinal: Bool) -> RawFrame {
        RawFrame(isFinal: isFinal, opcode: 0, payload: Array(text.utf8))
    }

    static func close(_ code: UInt16, _ reason: String = "") -> RawFrame {
        RawFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8))
    }

    func masked(_ mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]) -> RawFrame {
        var frame = self
        frame.mask = mask
        return frame
    }

    var bytes: [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | reservedBits << 4 | opcode]
        let count = payload.count
        let width = lengthByteCount ?? (count < 126 ? 0 : count < 65536 ? 2 : 8)
        bytes.append((mask == nil ? 0 : 0x80) | (width == 0 ? UInt8(count) : width == 2 ? 126 : 127))
        for index in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }
}
