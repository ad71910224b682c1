// The fuzzer compiles this file together with the sources it tests.
#if canImport(WebSocketTransport)
import WebSocketTransport
#endif

/// The output of a frame parser, as values that can be compared.
enum Heard: Hashable, Sendable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong
    case close(UInt16?, String)
    case violation(CloseCode)

    static func text(_ text: String) -> Heard { .text(Array(text.utf8)) }

    init(_ output: MessageAssembler.Output) {
        switch unsafe output {
        case .text(let bytes): self = unsafe .text(Array(bytes))
        case .binary(let bytes): self = unsafe .binary(Array(bytes))
        case .ping(let payload): self = .ping(payload)
        case .pong: self = .pong
        case .close(let code, let reason): self = .close(code, reason)
        }
    }

    /// Parses pieces one after the other as the receive path does: the rest of one is put before the next.
    static func listen(to pieces: [[UInt8]], isServer: Bool = false, limit: Int = 1 << 20) -> [Heard] {
        var assembler = MessageAssembler(isServer: isServer, limit: limit)
        var heard: [Heard] = []
        var carry: [UInt8] = []
        for piece in pieces {
            carry += piece
            do throws(FrameHeader.Violation) {
                carry.removeFirst(try read(carry, by: &assembler, into: &heard))
            } catch {
                return heard + [.violation(error.code)]
            }
            if case .close = heard.last { return heard }
        }
        return heard
    }

    private static func read(
        _ bytes: [UInt8], by assembler: inout MessageAssembler, into heard: inout [Heard]
    ) throws(FrameHeader.Violation) -> Int {
        let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Int, FrameHeader.Violation> in
            do throws(FrameHeader.Violation) {
                return .success(
                    try unsafe assembler.read(buffer) { output in
                        heard.append(unsafe Heard(output))
                        if case .close = heard.last { return false }
                        return true
                    })
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    static func listen(to frames: RawFrame..., isServer: Bool = false, limit: Int = 1 << 20) -> [Heard] {
        listen(to: [frames.flatMap(\.bytes)], isServer: isServer, limit: limit)
    }
}
