import NIOCore
import Testing
import WebSocketTransport

@Suite("Frames") struct FrameTests {
    @Test(arguments: [0, 1, 125, 126, 127, 65535, 65536, 70000])
    func `a message of any length is assembled from its frame`(count: Int) {
        let payload = (0..<count).map { UInt8($0 % 128) }
        let frame = RawFrame(opcode: 1, payload: payload)
        #expect(Heard.listen(to: frame) == [.text(payload)])
        #expect(Heard.listen(to: frame.masked(), isServer: true) == [.text(payload)])
    }

    @Test(arguments: [0, 125, 126, 65535, 65536], [false, true])
    func `a written header is parsed again`(count: Int, isMasked: Bool) throws {
        var buffer = ByteBuffer()
        FrameHeader.write(.binary, payloadByteCount: count, isMasked: isMasked, to: &buffer)
        if isMasked { buffer.writeInteger(UInt32(0)) }
        let bytes = Array(buffer.readableBytesView)
        let header = try unsafe bytes.withUnsafeBytes {
            try unsafe FrameHeader($0, isMasked: isMasked, limit: 1 << 20)
        }
        #expect(header?.payloadByteCount == count)
        #expect(header?.headerByteCount == bytes.count)
        #expect(header?.isFinal == true)
        #expect(header?.opcode == .binary)
    }

    @Test func `the masked hello of the RFC is read`() {
        // RFC 6455, section 5.7.
        let bytes: [UInt8] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(Heard.listen(to: [bytes], isServer: true) == [.text("Hello")])
    }

    @Test func `an incomplete frame reports the bytes it needs and emits nothing`() {
        let whole = RawFrame(opcode: 1, payload: Array(repeating: 0x61, count: 300)).masked().bytes
        let assembler = MessageAssembler(isServer: true, limit: 1000)
        for (count, wanted) in [(0, 2), (1, 2), (2, 8), (7, 8), (8, 308), (307, 308)] {
            let bytes = Array(whole[..<count])
            #expect(unsafe bytes.withUnsafeBytes { unsafe assembler.wantedByteCount($0) } == wanted, "\(count) bytes")
            #expect(Heard.listen(to: [bytes], isServer: true).isEmpty)
        }
    }

    static let violations: [(rule: String, bytes: [UInt8], isServer: Bool, code: CloseCode)] = [
        ("RSV1", RawFrame(reservedBits: 4, opcode: 1).bytes, false, .protocolError),
        ("RSV2", RawFrame(reservedBits: 2, opcode: 1).bytes, false, .protocolError),
        ("RSV3", RawFrame(reservedBits: 1, opcode: 9).bytes, false, .protocolError),
        ("opcode 3", RawFrame(opcode: 3).bytes, false, .protocolError),
        ("opcode 7", RawFrame(opcode: 7).bytes, false, .protocolError),
        ("opcode 11", RawFrame(opcode: 11).bytes, false, .protocolError),
        ("opcode 15", RawFrame(opcode: 15).bytes, false, .protocolError),
        ("masked by a server", RawFrame.text("a").masked().bytes, false, .protocolError),
        ("not masked by a client", RawFrame.text("a").bytes, true, .protocolError),
        ("a fragmented ping", RawFrame(isFinal: false, opcode: 9).bytes, false, .protocolError),
        ("a ping of 126", RawFrame(opcode: 9, payload: .init(repeating: 0, count: 126)).bytes, false, .protocolError),
        ("a close of 126", RawFrame(opcode: 8, payload: .init(repeating: 3, count: 126)).bytes, false, .protocolError),
        (
            "125 in two bytes",
            RawFrame(opcode: 1, payload: .init(repeating: 0x61, count: 125), lengthByteCount: 2).bytes,
            false, .protocolError
        ),
        (
            "65535 in eight", RawFrame(opcode: 2, payload: .init(repeating: 0, count: 65535), lengthByteCount: 8).bytes,
            false, .protocolError
        ),
        ("a negative length", [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], false, .protocolError),
        ("the largest length", [0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255], false, .messageTooBig),
        (
            "a byte too many", RawFrame(opcode: 2, payload: .init(repeating: 0, count: (1 << 20) + 1)).bytes, false,
            .messageTooBig
        ),
        ("a lone continuation", RawFrame.continuation("a", final: true).bytes, false, .protocolError),
        ("a text in a text", RawFrame.text("a", final: false).bytes + RawFrame.text("b").bytes, false, .protocolError),
        ("a close of one byte", RawFrame(opcode: 8, payload: [3]).bytes, false, .protocolError),
        ("a reason not UTF-8", RawFrame(opcode: 8, payload: [3, 232, 0xff]).bytes, false, .invalidPayload),
        ("a text not UTF-8", RawFrame(opcode: 1, payload: [0xc0, 0x80]).bytes, false, .invalidPayload),
    ]

    @Test(arguments: violations)
    func `a breach of RFC 6455 is reported with its reason`(
        rule: String, bytes: [UInt8], isServer: Bool, code: CloseCode
    ) {
        #expect(Heard.listen(to: [bytes], isServer: isServer) == [.violation(code)], "\(rule)")
    }

    @Test
    func `a close code that no frame may carry is refused`() {
        for code in UInt16(0)...5000 { check(code) }
    }

    private func check(_ code: UInt16) {
        let isAllowed = [1000...1003, 1007...1014, 3000...4999].contains { $0.contains(code) }
        let expected: [Heard] = isAllowed ? [.close(code, "bye")] : [.violation(.protocolError)]
        #expect(Heard.listen(to: .close(code, "bye")) == expected, "\(code)")
    }

    @Test func `control frames pass between the fragments of a message`() {
        let heard = Heard.listen(
            to: .text("ca", final: false), RawFrame(opcode: 9, payload: [1]), .continuation("nd", final: false),
            RawFrame(opcode: 10), .continuation("le", final: true), .text("next"))
        #expect(heard == [.ping([1]), .pong, .text("candle"), .text("next")])
    }

    @Test func `a character may span fragments, but a broken one is refused`() {
        let euro: [UInt8] = [0xe2, 0x82, 0xac]
        func frames(_ last: UInt8) -> [Heard] {
            Heard.listen(
                to: RawFrame(isFinal: false, opcode: 1, payload: [euro[0]]),
                RawFrame(isFinal: false, opcode: 0, payload: [euro[1]]), RawFrame(opcode: 0, payload: [last]))
        }
        #expect(frames(euro[2]) == [.text("€")])
        #expect(frames(0x41) == [.violation(.invalidPayload)])
    }

    @Test func `empty fragments are assembled into an empty message`() {
        #expect(
            Heard.listen(to: .text("", final: false), .continuation("", final: false), .continuation("", final: true))
                == [.text("")])
    }

    @Test func `the limit counts all fragments of a message together`() {
        let half = String(repeating: "a", count: 50)
        let frames = [RawFrame.text(half, final: false), .continuation(half, final: true)].map(\.bytes)
        #expect(Heard.listen(to: frames, limit: 100) == [.text(half + half)])
        #expect(Heard.listen(to: frames, limit: 99) == [.violation(.messageTooBig)])
    }

    @Test func `an assembler emits nothing after a close`() {
        #expect(Heard.listen(to: .close(1000), .text("late")) == [.close(1000, "")])
    }

    @Test(arguments: 0...70)
    func `masking at any length is its own inverse and matches the RFC's formula`(count: Int) {
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let key: [UInt8] = [0x12, 0x34, 0xab, 0xcd]
        let word = unsafe key.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
        var bytes = plain
        unsafe bytes.withUnsafeMutableBytes { unsafe Mask.apply(word, to: $0) }
        #expect(bytes == plain.indices.map { plain[$0] ^ key[$0 % 4] })
        unsafe bytes.withUnsafeMutableBytes { unsafe Mask.apply(word, to: $0) }
        #expect(bytes == plain)
    }

    @Test func `a long close reason is cut between characters`() {
        #expect(CloseCode.fitting("short") == Array("short".utf8))
        #expect(CloseCode.fitting(String(repeating: "a", count: 122) + "€").count == 122)
        #expect(CloseCode.fitting(String(repeating: "€", count: 60)).count == 123)
    }
}
