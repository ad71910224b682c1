extension MessageReader {
    /// Reads a whole message from an array; a fault comes with its path.
    package static func read<Value>(
        _ bytes: some Sequence<UInt8>, _ read: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value {
        try self.read(span: ContiguousArray(bytes).span, read)
    }

    /// The fields of a JSON object with their values as they stand, in order; nothing may follow it.
    package static func readFields(_ bytes: [UInt8]) throws(DecodingFault) -> [(name: String, json: [UInt8])] {
        try read(bytes) { (reader) throws(DecodingFault) in
            var fields: [(String, [UInt8])] = []
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) { fields.append((key.text, try reader.readRaw())) }
            reader.isBare = true
            try reader.finish()
            return fields
        }
    }

    /// The whole message, copied.
    package var message: [UInt8] { copy(0..<byteCount) }

    private static func read<Value>(
        span: borrowing Span<UInt8>, _ read: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value {
        var reader = MessageReader(span)
        do throws(DecodingFault) {
            return try read(&reader)
        } catch {
            throw reader.located(error)
        }
    }
}
