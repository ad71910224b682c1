/// A message that could not be read: what was wrong, in which field, at which byte.
public struct DecodingFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case truncated, unexpectedByte, unexpectedType, missingField, numberOutOfRange, invalidDecimal
            case invalidString, invalidIdentifier, invalidCompression, nestedTooDeeply, trailingBytes, outOfOrder
        }
        private let kind: Kind

        /// The message ends in mid-value.
        public static let truncated = Code(kind: .truncated)
        /// A byte that no JSON text has at this place.
        public static let unexpectedByte = Code(kind: .unexpectedByte)
        /// Another JSON type than the field has.
        public static let unexpectedType = Code(kind: .unexpectedType)
        /// A field that the event needs is absent.
        public static let missingField = Code(kind: .missingField)
        /// An integer beyond 64 bits, or with a fraction or an exponent.
        public static let numberOutOfRange = Code(kind: .numberOutOfRange)
        /// No decimal text of up to 35 digits.
        public static let invalidDecimal = Code(kind: .invalidDecimal)
        /// A bad escape, a control character or invalid UTF-8 in a string.
        public static let invalidString = Code(kind: .invalidString)
        /// No address, hash or client order id; a coin or side of more than 64 bytes, or one too many of more than 15.
        public static let invalidIdentifier = Code(kind: .invalidIdentifier)
        /// A compressed text that is damaged or too long.
        public static let invalidCompression = Code(kind: .invalidCompression)
        /// More than 64 levels of nesting.
        public static let nestedTooDeeply = Code(kind: .nestedTooDeeply)
        /// Something follows the message's JSON value.
        public static let trailingBytes = Code(kind: .trailingBytes)
        /// A change without the state it changes.
        public static let outOfOrder = Code(kind: .outOfOrder)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What was wrong.
    public let code: Code
    /// The field by its path from the message's top, for example `data.levels[0][3].px`.
    public internal(set) var path: String
    /// Where in the message, counted in bytes from its start.
    public let byteOffset: Int
    /// The missing field's name, or nothing.
    let field: String?

    /// Names a fault at a byte of the message; the reader finds the path.
    public init(_ code: Code, at byteOffset: Int, field: String? = nil) {
        self.code = code
        self.byteOffset = byteOffset
        self.field = field
        path = ""
    }

    /// The code, the path and the byte in one line. Shows no payload.
    public var description: String {
        path.isEmpty ? "\(code) at byte \(byteOffset)" : "\(code) in \(path) at byte \(byteOffset)"
    }
}
