/// What a call to the client failed with, or what ended a subscription.
public struct HyperliquidError: Error, Sendable, CustomStringConvertible {
    /// What went wrong. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case invalidFeed, invalidConfiguration, refused, poisoned, timedOut, limitReached, neverFits
            case subscriptionNotFound, overflow, clientEnded, alreadyRunning, cancelled, invalidPayload, unknownOutcome,
                unreadableAnswer
        }
        private let kind: Kind

        /// A feed's parameters are wrong; nothing was sent.
        public static let invalidFeed = Code(kind: .invalidFeed)
        /// The client's configuration is wrong.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The venue refused the subscription or the request; its words are in the message.
        public static let refused = Code(kind: .refused)
        /// The venue closes the connection whenever this subscription is asked for. For an hour it fails with this
        /// before it is sent; then it may be tried again.
        public static let poisoned = Code(kind: .poisoned)
        /// The subscription or the request was not answered in time; the message says what it waited for.
        public static let timedOut = Code(kind: .timedOut)
        /// A limit of the venue is full and the caller chose not to wait.
        public static let limitReached = Code(kind: .limitReached)
        /// The client's limits leave no room for it, whatever else ends: waiting would be in vain. The message names the
        /// limit to raise.
        public static let neverFits = Code(kind: .neverFits)
        /// No subscription has this id, or it has ended.
        public static let subscriptionNotFound = Code(kind: .subscriptionNotFound)
        /// The subscriber was slower than its feed and its buffer is full.
        public static let overflow = Code(kind: .overflow)
        /// The client has ended, or is ending.
        public static let clientEnded = Code(kind: .clientEnded)
        /// `run()` was called a second time.
        public static let alreadyRunning = Code(kind: .alreadyRunning)
        /// The calling task was cancelled.
        public static let cancelled = Code(kind: .cancelled)

        /// A request's payload is not one JSON object; nothing was sent.
        public static let invalidPayload = Code(kind: .invalidPayload)
        /// An action was sent and its answer was lost: it may have been carried out.
        public static let unknownOutcome = Code(kind: .unknownOutcome)
        /// The answer to a request has a form that is not known.
        public static let unreadableAnswer = Code(kind: .unreadableAnswer)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What went wrong.
    public let code: Code
    /// What happened and what to do, in a sentence.
    public let message: String
    /// What caused it, if something else did.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
