/// A message could not be decoded: the problem, the field and the byte.
public struct DecodingFault: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The kind of problem. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, Codable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable, Codable {
            case truncated, unexpectedByte, unexpectedType, missingField, numberOutOfRange, invalidDecimal
            case invalidString, invalidIdentifier, invalidCompression, nestedTooDeeply, trailingBytes, outOfOrder
            case missingEnvelope
        }
        private let kind: Kind

        /// The message ends in the middle of a value.
        public static let truncated = Code(kind: .truncated)
        /// A byte that cannot occur at this position of a JSON text.
        public static let unexpectedByte = Code(kind: .unexpectedByte)
        /// A JSON value of another type than the field has.
        public static let unexpectedType = Code(kind: .unexpectedType)
        /// A required field is absent.
        public static let missingField = Code(kind: .missingField)
        /// An integer with more than 64 bits, a fraction or an exponent.
        public static let numberOutOfRange = Code(kind: .numberOutOfRange)
        /// A text that is no decimal of up to 35 digits.
        public static let invalidDecimal = Code(kind: .invalidDecimal)
        /// A string with a bad escape, a control character or invalid UTF-8.
        public static let invalidString = Code(kind: .invalidString)
        /// A text that is no address, hash or client order id; or a coin or side of more than 64 bytes, or of more
        /// than 15 once the limit for such names is reached.
        public static let invalidIdentifier = Code(kind: .invalidIdentifier)
        /// A compressed text that is damaged or too long.
        public static let invalidCompression = Code(kind: .invalidCompression)
        /// More than 64 levels of nesting.
        public static let nestedTooDeeply = Code(kind: .nestedTooDeeply)
        /// Bytes behind the message's JSON value.
        public static let trailingBytes = Code(kind: .trailingBytes)
        /// The bytes end behind a value that stands alone, where a message with `channel` and `data` is expected: read the
        /// envelope first, or use ``Feed/event(from:)``.
        public static let missingEnvelope = Code(kind: .missingEnvelope)
        /// A change without the state to which it applies.
        public static let outOfOrder = Code(kind: .outOfOrder)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    /// The kind of problem.
    public let code: Code
    /// The path of the field from the top of the message, for example `data.levels[0][3].px`.
    public internal(set) var path: String
    /// The byte of the message at which the fault was found, counted from 0.
    public let byteOffset: Int
    /// The name of the missing field; `nil` for other faults.
    let field: String?

    /// Creates a fault at a byte of the message. The reader adds the path.
    public init(_ code: Code, at byteOffset: Int, field: String? = nil) {
        self.code = code
        self.byteOffset = byteOffset
        self.field = field
        path = ""
    }

    /// Creates a fault whose path is known, for feeds that do not read their messages with a ``MessageReader``: for example
    /// the path `data.levels[0][3].px`.
    public init(_ code: Code, at byteOffset: Int, path: String) {
        self.init(code, at: byteOffset)
        self.path = path
    }

    /// The code, the path and the byte in one line, without any payload.
    public var description: String {
        path.isEmpty ? "\(code) at byte \(byteOffset)" : "\(code) in \(path) at byte \(byteOffset)"
    }
}
