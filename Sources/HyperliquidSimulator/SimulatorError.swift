/// Why a simulated exchange cannot be served.
public struct SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case listenFailed, invalidConfiguration, invalidFaultPlan
        }
        private let kind: Kind

        /// The port cannot be listened on.
        public static let listenFailed = Code(kind: .listenFailed)
        /// A field of the configuration is out of its range.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// A fault plan cannot be read.
        public static let invalidFaultPlan = Code(kind: .invalidFaultPlan)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What went wrong.
    public let code: Code
    /// What happened and what to do, in a sentence.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
