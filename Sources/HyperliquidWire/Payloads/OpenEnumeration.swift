/// A set of words to which the venue may add. Unknown words are kept and counted, and never make a message
/// undecodable.
public protocol OpenEnumeration: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible,
    JSONWritable
where RawValue == String {
    /// The words that this version of the package knows.
    static var known: Set<String> { get }
    /// Creates a value from any word.
    init(rawValue: String)
}

extension OpenEnumeration {
    /// Whether this version of the package knows the word.
    public var isKnown: Bool { Self.known.contains(rawValue) }
    /// The venue's word.
    public var description: String { rawValue }
    /// Writes the venue's word.
    public func write(to writer: inout JSONWriter) { writer.value(rawValue) }
}
