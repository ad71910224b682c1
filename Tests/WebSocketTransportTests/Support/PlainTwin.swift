// The fuzzer compiles this file together with the sources it tests.
#if canImport(WebSocketTransport)
import WebSocketTransport
#endif

/// RFC 6455's framing once more, slow and plain: one byte after the other, nothing in place. The oracle of
/// `MessageAssembler`.
struct PlainTwin {
    private enum Step { case first, second, length(Int), mask, payload }

    let isServer: Bool
    let limit: Int
    private(set) var heard: [Heard] = []
    private(set) var isOver = false
    private var step = Step.first
    private var isFinal = false
    private var opcode: UInt8 = 0
    private var isMasked = false
    private var length: UInt64 = 0
    private var lengthWidth = 0
    private var mask: [UInt8] = []
    private var payload: [UInt8] = []
    private var message: (opcode: UInt8, bytes: [UInt8])?

    init(isServer: Bool, limit: Int) {
        self.isServer = isServer
        self.limit = limit
    }

    mutating func read(_ bytes: [UInt8]) {
        for byte in bytes where !isOver { read(byte) }
    }

    private mutating func violate(_ code: CloseCode) {
        heard.append(.violation(code))
        isOver = true
    }

    private mutating func read(_ byte: UInt8) {
        switch step {
        case .first:
            isFinal = byte >> 7 == 1
            opcode = byte % 16
            payload = []
            mask = []
            length = 0
            firstByte = byte
            step = .second
        case .second: readSecond(byte)
        case .length(let left):
            length = length * 256 + UInt64(byte)
            if left > 1 { step = .length(left - 1) } else { readLengthEnd() }
        case .mask:
            mask.append(byte)
            if mask.count == 4 { startPayload() }
        case .payload:
            payload.append(isServer ? byte ^ mask[payload.count % 4] : byte)
            if UInt64(payload.count) == length { finishFrame() }
        }
    }

    private var firstByte: UInt8 = 0

    private mutating func readSecond(_ byte: UInt8) {
        guard (firstByte / 16) % 8 == 0 else { return violate(.protocolError) }
        guard [0, 1, 2, 8, 9, 10].contains(opcode) else { return violate(.protocolError) }
        guard (byte >= 128) == isServer else { return violate(.protocolError) }
        let short = byte % 128
        if opcode >= 8, !isFinal || short > 125 { return violate(.protocolError) }
        lengthWidth = short == 126 ? 2 : short == 127 ? 8 : 0
        length = lengthWidth == 0 ? UInt64(short) : 0
        if lengthWidth > 0 { step = .length(lengthWidth) } else { readLengthEnd() }
    }

    private mutating func readLengthEnd() {
        if isServer, mask.count < 4 {
            step = .mask
        } else {
            startPayload()
        }
    }

    /// The length is judged when the header is whole.
    private mutating func startPayload() {
        if length > UInt64(Int64.max) { return violate(.protocolError) }
        if lengthWidth == 2, length < 126 { return violate(.protocolError) }
        if lengthWidth == 8, length < 65536 { return violate(.protocolError) }
        if length > UInt64(limit) { return violate(.messageTooBig) }
        step = .payload
        if length == 0 { finishFrame() }
    }

    private mutating func finishFrame() {
        step = .first
        switch opcode {
        case 9: heard.append(.ping(payload))
        case 10: heard.append(.pong)
        case 8: finishClose()
        case 0:
            guard let begun = message else { return violate(.protocolError) }
            guard begun.bytes.count + payload.count <= limit else { return violate(.messageTooBig) }
            message = (begun.opcode, begun.bytes + payload)
            if isFinal { finishMessage() }
        default:
            guard message == nil else { return violate(.protocolError) }
            message = (opcode, payload)
            if isFinal { finishMessage() }
        }
    }

    private mutating func finishMessage() {
        guard let whole = message else { return }
        message = nil
        if whole.opcode == 2 { return heard.append(.binary(whole.bytes)) }
        guard Self.isUTF8(whole.bytes) else { return violate(.invalidPayload) }
        heard.append(.text(whole.bytes))
    }

    private mutating func finishClose() {
        isOver = true
        if payload.isEmpty { return heard.append(.close(nil, "")) }
        guard payload.count >= 2 else { return violate(.protocolError) }
        let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
        guard [1000, 1001, 1002, 1003].contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
        else { return violate(.protocolError) }
        guard Self.isUTF8(Array(payload[2...])) else { return violate(.invalidPayload) }
        heard.append(.close(code, String(decoding: payload[2...], as: UTF8.self)))
    }

    /// The standard library's own judgement.
    static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
