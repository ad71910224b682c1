/// A set of words to which the venue may add: unknown words are kept and counted, and never fail a message.
public protocol OpenEnumeration: RawRepresentable, Hashable, Sendable, CustomStringConvertible, JSONWritable
where RawValue == String {
    /// The words known when this version was made.
    static var known: Set<String> { get }
    /// Takes any word.
    init(rawValue: String)
}

extension OpenEnumeration {
    /// Whether this version knows the word.
    public var isKnown: Bool { Self.known.contains(rawValue) }
    /// The venue's word.
    public var description: String { rawValue }
    /// Writes the venue's word.
    public func write(to writer: inout JSONWriter) { writer.value(rawValue) }
}
