internal import HyperliquidEngine

/// The error that a call to the client throws, or that ends a subscription.
///
/// Match an error by its code:
///
/// ```swift
/// do {
///     let trades = try await client.subscribe(to: .trades("BTC"))
///     for try await event in trades { print(event) }
/// } catch HyperliquidError.Code.refused {
///     print("the exchange does not serve this feed")
/// }
/// ```
///
/// Two errors are equal if their codes are equal: the message is for people, and may change.
public struct HyperliquidError: Error, Sendable, CustomStringConvertible, Equatable {
    /// What went wrong. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case invalidFeed, invalidConfiguration, refused, poisoned, timedOut, notRunning, limitReached, neverFits
            case unanswered, messageTooLarge
            case subscriptionNotFound, overflow, clientEnded, alreadyRunning, alreadyObserved, alreadyRead, cancelled
            case invalidPayload, unknownOutcome, unreadableAnswer, delisted
        }
        private let kind: Kind

        /// A feed's parameters are invalid; nothing was sent.
        public static let invalidFeed = Code(kind: .invalidFeed)
        /// The client's configuration is invalid, or contradicts that of another client of the same network.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The venue refused the subscription or the request; the message quotes the venue's answer.
        public static let refused = Code(kind: .refused)
        /// Connections die whenever this subscription is asked for, also where nothing else was asked for, while other
        /// connections hold. It fails with this code for an hour without being sent; then it may be tried again.
        public static let poisoned = Code(kind: .poisoned)
        /// The venue neither acknowledged nor refused the subscription and sent no data of it, also where nothing else
        /// was asked for, while it answers others.
        public static let unanswered = Code(kind: .unanswered)
        /// The feed sent a message beyond the size limit for the second time. Each costs the connection on which it
        /// comes. The message names the limit to raise.
        public static let messageTooLarge = Code(kind: .messageTooLarge)
        /// The subscription or the request was not answered in time; the message says what it was waiting for.
        public static let timedOut = Code(kind: .timedOut)
        /// The timeout passed and `run()` had not been called, so nothing was sent.
        public static let notRunning = Code(kind: .notRunning)
        /// A limit of the venue is full, and `waitsForLimits` was `false`.
        public static let limitReached = Code(kind: .limitReached)
        /// The subscription or the request cannot succeed under the configured limits, even if every other subscription
        /// ended. The message names the limit to raise.
        public static let neverFits = Code(kind: .neverFits)
        /// There is no subscription with this id, or it has ended.
        public static let subscriptionNotFound = Code(kind: .subscriptionNotFound)
        /// The subscriber was slower than its feed, and its buffer is full.
        public static let overflow = Code(kind: .overflow)
        /// The client has ended, or is ending; make a new one.
        public static let clientEnded = Code(kind: .clientEnded)
        /// `run()` was called a second time, before the client's end.
        public static let alreadyRunning = Code(kind: .alreadyRunning)
        /// The client's raw messages already have a handler.
        public static let alreadyObserved = Code(kind: .alreadyObserved)
        /// A second loop was begun over a subscription, which can be read once.
        public static let alreadyRead = Code(kind: .alreadyRead)
        /// The calling task was cancelled, or the subscription was ended before it was acknowledged.
        public static let cancelled = Code(kind: .cancelled)
        /// A request's payload is not one JSON object; nothing was sent.
        public static let invalidPayload = Code(kind: .invalidPayload)
        /// An action was sent and its answer was lost, late or unreadable: it may have been carried out.
        public static let unknownOutcome = Code(kind: .unknownOutcome)
        /// The answer to an `info` request has an unknown form.
        public static let unreadableAnswer = Code(kind: .unreadableAnswer)
        /// The coin has left the listings that a group follows, or what the group's filter picks of them.
        public static let delisted = Code(kind: .delisted)

        /// The code's name.
        public var description: String { kind.rawValue }

        /// Matches a ``HyperliquidError`` with this code, in a `catch` or a `case`.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? HyperliquidError)?.code == code
        }
    }

    /// What went wrong.
    public let code: Code
    /// A description of the failure, with the remedy if there is one: a sentence or two.
    public let message: String
    /// The error that caused this one, if there is one. Whatever ended without an answer because no connection could be
    /// made has a ``ConnectionFailure``.
    public let cause: (any Error)?

    /// Makes an error, for tests of code that handles one.
    public init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Whether two errors have the same code.
    public static func == (lhs: HyperliquidError, rhs: HyperliquidError) -> Bool { lhs.code == rhs.code }

    /// The code, the message, and the cause unless the message quotes it already. Of a cause that is not an error of this
    /// package only the type is shown: its text may hold private data.
    public var description: String {
        guard let cause else { return "\(code): \(message)" }
        let text =
            switch cause {
            case let failure as ConnectionFailure: failure.message
            case is HyperliquidError, is FeedParameterError, is DecodingFault: "\(cause)"
            default: "\(type(of: cause))"
            }
        return message.contains(text) ? "\(code): \(message)" : "\(code): \(message) Cause: \(text)."
    }
}

// MARK: Errors of subscriptions

extension HyperliquidError {
    static let callerCancelled = HyperliquidError(
        code: .cancelled, message: "The task that subscribed was cancelled before the acknowledgement came.")

    static func notFound(_ id: SubscriptionID) -> HyperliquidError {
        HyperliquidError(
            code: .subscriptionNotFound,
            message: "No subscription has the id \(id): it was never made, was unsubscribed, or has ended.")
    }

    static func readTwice(_ id: SubscriptionID) -> HyperliquidError {
        HyperliquidError(
            code: .alreadyRead,
            message:
                "Subscription \(id) has a reader, or had one, and ends with it; read it in one loop, or subscribe once more "
                + "for each further loop.")
    }

    static func unsubscribedEarly(_ request: FeedRequest) -> HyperliquidError {
        HyperliquidError(
            code: .cancelled, message: "\(request) was unsubscribed before the venue acknowledged it.")
    }

    static func overflow(_ id: SubscriptionID, _ policy: DeliveryPolicy) -> HyperliquidError {
        HyperliquidError(
            code: .overflow,
            message:
                "Subscription \(id) was read more slowly than its feed brings events and its buffer (\(policy)) is "
                + "full; read faster, make the buffer larger, or let it drop the oldest events with `.droppingOldest`.")
    }

    /// The error of a subscription that the engine has ended.
    /// - Parameter lastFailure: The last failure of the feed's address, if no dial there has succeeded since.
    init(_ failure: Engine.Failure, request: FeedRequest, lastFailure: ConnectionFailure?) {
        switch failure {
        case .refused(let text):
            self.init(code: .refused, message: "The venue refused \(request): \"\(text)\".")
        case .poisoned(let retryIn):
            self.init(
                code: .poisoned,
                message:
                    "The venue closes the connection whenever \(request) is asked for; check the coin's spelling and "
                    + "case, whether it is still listed, and the parameters. It is not asked for again within the next "
                    + "\(max(1, retryIn.components.seconds / 60)) min.",
                cause: lastFailure)
        case .unanswered:
            self.init(
                code: .unanswered,
                message:
                    "The venue answers other requests, but neither acknowledges nor refuses \(request), and sends no "
                    + "data of it; check that this feed exists and that its parameters are spelt as the venue spells "
                    + "them.")
        case .messageTooLarge(let limit):
            self.init(
                code: .messageTooLarge,
                message:
                    "\(request) sends messages of more than \(limit) bytes, which cost the connection each time; raise "
                    + "`ClientConfiguration.messageByteLimit`.")
        case .timedOut(.start):
            self.init(code: .notRunning, message: "\(request) was not asked for: \(Self.notRunning)")
        case .timedOut(let reason):
            let wait = lastFailure != nil && reason == .connection ? "its connection" : "\(reason)"
            self.init(
                code: .timedOut,
                message: "\(request) was not acknowledged in time: it waited for \(wait)" + Self.told(lastFailure),
                cause: lastFailure)
        case .limitReached(let reason):
            self.init(
                code: .limitReached,
                message: "\(request) cannot be asked for now: it would wait for \(reason)" + Self.told(lastFailure),
                cause: lastFailure)
        case .neverFits(let reason):
            self.init(code: .neverFits, message: "\(request) can never be asked for: \(reason.closedLimit).")
        case .clientEnded:
            self.init(
                code: .clientEnded, message: "The client ended before \(request) was acknowledged.", cause: lastFailure
            )
        }
    }

    /// What to do if nobody runs the client.
    fileprivate static let notRunning =
        "nobody runs this client. Call `run()` in a task of its own, add the client to a `ServiceGroup`, or use "
        + "`withHyperliquidClient`."

    /// The end of a sentence that says why there is no connection.
    private static func told(_ lastFailure: ConnectionFailure?) -> String {
        lastFailure.map { ". The last connection failed: \($0.message)." } ?? "."
    }
}

extension WaitReason {
    /// A sentence that says that this limit allows nothing at all, and what would help.
    fileprivate var closedLimit: String {
        switch self {
        case .subscriptionLimit: "`limits.subscriptions` is 0, which allows no subscription; raise it"
        case .userLimit: "`limits.users` is 0, which allows no user's feed; raise it"
        case .start, .connection, .connectionLimit, .messageLimit, .acknowledgement, .unsubscription, .trial:
            "it would wait for \(self)"
        }
    }
}

// MARK: Errors of requests

extension HyperliquidError {
    static func refused(_ text: String) -> HyperliquidError {
        HyperliquidError(code: .refused, message: "The venue refused the request: \"\(text)\".")
    }

    /// The error of a request whose answer cannot be read.
    static func unreadable(_ fault: DecodingFault, to kind: PostKind) -> HyperliquidError {
        switch kind {
        case .action, .cancel:
            HyperliquidError(
                code: .unknownOutcome,
                message:
                    "The venue's answer to an action cannot be read (\(fault)); look for its effect before you repeat "
                    + "it.",
                cause: fault)
        case .info:
            HyperliquidError(
                code: .unreadableAnswer, message: "The venue's answer cannot be read: \(fault).", cause: fault)
        }
    }

    /// The error of a request that the engine has ended.
    /// - Parameter lastFailure: The last failure of the API's address, if no dial there has succeeded since.
    init(_ failure: Engine.PostFailure, lastFailure: ConnectionFailure?) {
        switch failure {
        case .timedOut(.start):
            self.init(code: .notRunning, message: "The request was not sent: \(Self.notRunning)")
        case .timedOut(let wait):
            let sentence = lastFailure != nil && wait == .connection ? "a connection" : wait.sentence
            self.init(
                code: .timedOut,
                message: "The request was not answered in time: it waited for \(sentence)" + Self.told(lastFailure),
                cause: lastFailure)
        case .unknownOutcome(let loss):
            self.init(
                code: .unknownOutcome,
                message:
                    "\(loss.sentence) after the action was sent and before its answer came: it may have been carried "
                    + "out; look for its effect, by its nonce or client order id, before you repeat it.",
                cause: lastFailure)
        case .neverFits:
            self.init(
                code: .neverFits, message: "No request can ever be sent: `limits.postsInFlight` is 0; raise it.")
        case .refused(let text): self = .refused(text)
        case .cancelled:
            self.init(
                code: .cancelled,
                message: "The task that waited for the answer was cancelled; the venue has changed nothing.")
        case .clientEnded:
            self.init(
                code: .clientEnded, message: "The client ended before the answer came; the venue has changed nothing.",
                cause: lastFailure)
        }
    }
}

extension Engine.PostWait {
    fileprivate var sentence: String {
        switch self {
        case .start: "the client to run"
        case .connection: "a connection; check that the venue can be reached"
        case .postsInFlight: "earlier requests to be answered, of which `limits.postsInFlight` are in flight"
        case .messageLimit: "its turn to be sent under `limits.messagesPerSecond` and `limits.messagesPerMinute`"
        case .requestWeight: "its turn to be sent under `limits.requestWeightPerMinute`"
        case .requestPause:
            "the venue to allow more requests; it answered 429: those of this address, over REST too, weigh too much"
        case .answer: "the venue's answer"
        }
    }
}

extension Engine.PostLoss {
    fileprivate var sentence: String {
        switch self {
        case .connectionLost(let reason): "The connection was lost (\(reason))"
        case .timedOut: "The timeout passed"
        case .cancelled: "The task that waited was cancelled"
        case .clientEnded: "The client ended"
        }
    }
}
