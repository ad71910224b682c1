/// The reason why a simulated exchange cannot be served.
public struct SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. Later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case listenFailed, invalidConfiguration, invalidFaultPlan
        }
        private let kind: Kind

        /// The exchange cannot listen at the address and port, for example because the port is taken.
        public static let listenFailed = Code(kind: .listenFailed)
        /// The port or a field of the configuration is out of its range.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The JSON of a fault plan cannot be read.
        public static let invalidFaultPlan = Code(kind: .invalidFaultPlan)

        /// The name of the code, for example `listenFailed`.
        public var description: String { kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that says what happened and what to do.
    public let message: String

    /// Creates an error, for example in the tests of code that handles it.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
