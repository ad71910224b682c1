/// A value that can be written as JSON with the venue's field names.
public protocol JSONWritable {
    /// Writes the value as one JSON value.
    func write(to writer: inout JSONWriter)
}

/// Writes compact JSON into an array of bytes. Commas are inserted automatically.
public struct JSONWriter: Sendable {
    /// The JSON written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates a writer without output.
    public init() {}

    /// Removes the output and keeps its storage.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Reserves storage for `count` bytes.
    package mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Closes an object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Closes an array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes a key. Its value must be written next.
    public mutating func key(_ name: String) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func value(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if unsafe utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                return unsafe bytes.append(contentsOf: utf8)
            }
            for index in utf8.indices { appendEscaped(unsafe utf8[index]) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0a: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
        case 0x0d: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
        case 0x09: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
        case 0..<0x20:
            bytes.append(contentsOf: Array("\\u00".utf8))
            Hexadecimal.append(UInt64(byte), digitCount: 2, to: &bytes)
        default: bytes.append(byte)
        }
    }

    /// Writes an integer.
    public mutating func value(_ number: Int64) {
        separate()
        appendInteger(number)
    }

    /// Writes an integer.
    public mutating func value(_ number: Int) { value(Int64(number)) }

    private mutating func appendInteger(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest != 0
        bytes[start...].reverse()
    }

    /// Writes a Boolean.
    public mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: flag ? Array("true".utf8) : Array("false".utf8))
    }

    /// Writes null.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: Array("null".utf8))
    }

    /// Writes a floating-point number, or null if it is not finite.
    public mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: Array("\(number)".utf8))
    }

    /// Writes a decimal as a string, as the venue does.
    public mutating func value(_ decimal: ExactDecimal) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        decimal.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an address as a string.
    public mutating func value(_ address: Address) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        address.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a hash as a string.
    public mutating func value(_ hash: TransactionHash) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        hash.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a coin's name.
    public mutating func value(_ coin: Coin) { value(coin.name) }

    /// Writes a value.
    public mutating func value(_ writable: some JSONWritable) { writable.write(to: &self) }

    /// Writes bytes that are one JSON value.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }
}

extension JSONWriter {
    /// Writes a key and a string.
    public mutating func field(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    /// Writes a key and an integer.
    public mutating func field(_ name: String, _ number: Int64) {
        key(name)
        value(number)
    }

    /// Writes a key and an integer.
    public mutating func field(_ name: String, _ number: Int) {
        key(name)
        value(number)
    }

    /// Writes a key and a Boolean.
    public mutating func field(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }

    /// Writes a key and a value.
    public mutating func field(_ name: String, _ writable: some JSONWritable) {
        key(name)
        value(writable)
    }

    /// Writes a key and a value; writes nothing for `nil`.
    public mutating func field(ifPresent name: String, _ writable: (some JSONWritable)?) {
        guard let writable else { return }
        field(name, writable)
    }

    /// Writes a key and a value, or null for `nil`.
    public mutating func field(orNull name: String, _ writable: (some JSONWritable)?) {
        key(name)
        if let writable { value(writable) } else { null() }
    }

    /// Writes a value, or null for `nil`.
    public mutating func value(orNull writable: (some JSONWritable)?) {
        if let writable { value(writable) } else { null() }
    }

    /// Writes an array.
    public mutating func array(_ elements: some Sequence<some JSONWritable>) {
        beginArray()
        for element in elements { value(element) }
        endArray()
    }

    /// Writes a key and an array.
    public mutating func field(_ name: String, array elements: some Sequence<some JSONWritable>) {
        key(name)
        array(elements)
    }
}

extension String: JSONWritable {
    /// Writes a string.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension Int: JSONWritable {
    /// Writes an integer.
    public func write(to writer: inout JSONWriter) { writer.value(Int64(self)) }
}
extension Int64: JSONWritable {
    /// Writes an integer.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension Bool: JSONWritable {
    /// Writes a Boolean.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension ExactDecimal: JSONWritable {
    /// Writes a decimal as a string.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension Address: JSONWritable {
    /// Writes an address as a string.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension TransactionHash: JSONWritable {
    /// Writes a hash as a string.
    public func write(to writer: inout JSONWriter) { writer.value(self) }
}
extension Coin: JSONWritable {
    /// Writes a coin's name.
    public func write(to writer: inout JSONWriter) { writer.value(name) }
}
extension Array: JSONWritable where Element: JSONWritable {
    /// Writes an array.
    public func write(to writer: inout JSONWriter) { writer.array(self) }
}
