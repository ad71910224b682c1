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

    /// Writes a key and something that can write itself.
    public mutating func field(_ name: String, _ writable: some JSONWritable) {
        key(name)
        value(writable)
    }

    /// Writes a key and a value, or nothing at all when there is no value.
    public mutating func field(ifPresent name: String, _ writable: (some JSONWritable)?) {
        guard let writable else { return }
        field(name, writable)
    }

    /// Writes a key and a value, or null when there is no value.
    public mutating func field(orNull name: String, _ writable: (some JSONWritable)?) {
        key(name)
        if let writable { value(writable) } else { null() }
    }

    /// Writes a value, or null when there is no value.
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
