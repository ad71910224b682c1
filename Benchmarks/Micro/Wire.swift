internal import HyperliquidWire
internal import WebSocketTransport

/// Reads a message: its envelope, and its event with all fields.
func reading<F: Feed>(_ feed: F, _ text: String, _ weight: @escaping (F.Event) -> UInt64) -> Operation {
    let bytes = Array(text.utf8)
    return { count in
        var memory = F.Memory()
        var sum: UInt64 = 0
        for _ in 0..<count {
            withReader(bytes.span) { reader in
                _ = reader._readEnvelope()
                switch try? F.decode(&reader, memory: &memory) {
                case .update(let event), .snapshot(let event): sum &+= weight(event)
                case .snapshotAndUpdate(let both): sum &+= weight(both.present)
                case .nothing, nil: fatalError("\(feed) cannot be read")
                }
            }
        }
        return sum
    }
}

@inline(__always)
func withReader(_ bytes: borrowing Span<UInt8>, _ body: (inout MessageReader) -> Void) {
    var reader = MessageReader(copy bytes)
    body(&reader)
}

/// 64 numbers like those in books.
private let texts = (0..<64).map {
    ["640\($0 + 10).0", "0.000\($0 + 1)", "12\($0).\($0 + 345)", "\($0 + 1).5"][$0 % 4]
}
private let decimals = texts.compactMap { ExactDecimal($0) }

func decimalFromText() -> Operation {
    let texts = texts
    return { count in
        (0..<count).reduce(0) { sum, index in sum &+ (ExactDecimal(texts[index & 63])?.low ?? 0) }
    }
}

func decimalToText() -> Operation {
    let decimals = decimals
    return { count in
        (0..<count).reduce(0) { sum, index in sum &+ UInt64(decimals[index & 63].description.utf8.count) }
    }
}

func decimalUnits() -> Operation {
    let decimals = decimals
    return { count in (0..<count).reduce(0) { sum, index in sum &+ weight(decimals[index & 63]) } }
}

/// Reads a text frame as the venue sends it: unmasked and unfragmented.
func frame(byteCount: Int) -> Operation {
    let head: [UInt8] = [0x81, 126, UInt8(byteCount >> 8), UInt8(byteCount & 0xff)]
    let bytes = head + Array(repeating: UInt8(ascii: "x"), count: byteCount)
    return { count in
        var assembler = MessageAssembler(isServer: false, limit: 1 << 20)
        var sum: UInt64 = 0
        bytes.withUnsafeBytes { bytes in
            for _ in 0..<count {
                let consumed = try? assembler.read(bytes) { output in
                    if case .text(let payload) = output { sum &+= UInt64(payload.count) }
                    return true
                }
                guard consumed == bytes.count else { fatalError("a frame cannot be read") }
            }
        }
        return sum
    }
}
