extension MessageReader {
    /// The fault with the path of its field, found by reading the message again up to the byte of the fault.
    ///
    /// Decoders do not track paths, because nearly all messages have no fault.
    public func located(_ fault: DecodingFault) -> DecodingFault {
        guard fault.path.isEmpty else { return fault }
        var finder = FieldPathFinder()
        var index = 0
        while index < fault.byteOffset, index < byteCount {
            finder.read(byte(at: index))
            index += 1
        }
        var located = fault
        located.path = finder.path(appending: fault.field)
        return located
    }
}

/// Follows a JSON text byte by byte and tracks the path of the current value.
private struct FieldPathFinder {
    private enum Level {
        case object(key: [UInt8])
        case array(index: Int)
    }

    private var levels: [Level] = []
    private var string: [UInt8]?
    private var isEscaped = false
    private var expectsKey = false

    mutating func read(_ byte: UInt8) {
        if string != nil { return readInString(byte) }
        switch byte {
        case UInt8(ascii: "\""): string = []
        case UInt8(ascii: "{"):
            push(.object(key: []))
            expectsKey = true
        case UInt8(ascii: "["): push(.array(index: 0))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            _ = levels.popLast()
            expectsKey = false
        case UInt8(ascii: ","):
            if case .array(let index) = levels.last { levels[levels.count - 1] = .array(index: index + 1) }
            if case .object = levels.last { expectsKey = true }
        default: break  // White space, scalars and colons do not change the path.
        }
    }

    private mutating func push(_ level: Level) {
        // No decoded message is deeper; a hostile one only loses the end of its path.
        if levels.count < MessageReader.maximumDepth { levels.append(level) }
    }

    private mutating func readInString(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            if expectsKey, let key = string, case .object = levels.last {
                levels[levels.count - 1] = .object(key: key)
                expectsKey = false
            }
            string = nil
            return
        }
        if let count = string?.count, count < 64 { string?.append(byte) }
    }

    private static func unescaped(_ key: [UInt8]) -> String {
        let quoted = [UInt8(ascii: "\"")] + key + [UInt8(ascii: "\"")]
        return unsafe quoted.withUnsafeBufferPointer { buffer in
            let span = unsafe Span(_unsafeElements: buffer)
            var reader = MessageReader(span)
            // A key that is no text, or was cut off, is shown as it is.
            return (try? reader.readString()) ?? String(decoding: key, as: UTF8.self)
        }
    }

    func path(appending field: String?) -> String {
        var path = ""
        for level in levels {
            switch level {
            case .object(let key):
                guard !key.isEmpty else { continue }
                if !path.isEmpty { path += "." }
                path += key.contains(UInt8(ascii: "\\")) ? Self.unescaped(key) : String(decoding: key, as: UTF8.self)
            case .array(let index): path += "[\(index)]"
            }
        }
        guard let field else { return path }
        return path.isEmpty ? field : path + "." + field
    }
}
