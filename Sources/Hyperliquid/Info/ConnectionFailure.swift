internal import HyperliquidEngine
internal import WebSocketTransport

/// Why a connection could not be made, or why an open one was lost.
///
/// The last one of an address is kept until a dial there succeeds. It is the ``HyperliquidError/cause`` of errors that
/// end something which waited for a connection, and is shown by ``SubscriptionInfo/lastFailure`` and
/// ``ConnectionInfo/lastFailures``.
public struct ConnectionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. An open set: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case invalidAddress, nameNotResolved, connectionRefused, unreachable, timedOut, tlsFailed
            case certificateExpired, certificateNotYetValid, certificateUntrusted, certificateForOtherHost
            case certificateUnreadable, upgradeRefused, upgradeInvalid, connectionLost, closedByVenue, protocolViolation
            case messageTooLarge
        }
        private let kind: Kind

        /// The address cannot be dialled, for example because TLS cannot ask for its host.
        public static let invalidAddress = Code(kind: .invalidAddress)
        /// The host's name cannot be resolved.
        public static let nameNotResolved = Code(kind: .nameNotResolved)
        /// Nobody listens at the host's port.
        public static let connectionRefused = Code(kind: .connectionRefused)
        /// The host cannot be reached, or ended the connection before the upgrade.
        public static let unreachable = Code(kind: .unreachable)
        /// A step of the dial took too long; the message says which.
        public static let timedOut = Code(kind: .timedOut)
        /// The server does not speak TLS, or the handshake failed for another reason than the certificate.
        public static let tlsFailed = Code(kind: .tlsFailed)
        /// The server's certificate has expired.
        public static let certificateExpired = Code(kind: .certificateExpired)
        /// The server's certificate is not valid yet.
        public static let certificateNotYetValid = Code(kind: .certificateNotYetValid)
        /// The authority of the server's certificate is not trusted.
        public static let certificateUntrusted = Code(kind: .certificateUntrusted)
        /// The server's certificate is for another host.
        public static let certificateForOtherHost = Code(kind: .certificateForOtherHost)
        /// A file of ``ClientConfiguration/trustedRootFiles`` cannot be read.
        public static let certificateUnreadable = Code(kind: .certificateUnreadable)
        /// The server answered the upgrade with an HTTP status other than 101; see ``httpStatus``.
        public static let upgradeRefused = Code(kind: .upgradeRefused)
        /// The server's answer to the upgrade is malformed, or not that of a WebSocket server.
        public static let upgradeInvalid = Code(kind: .upgradeInvalid)
        /// An open connection broke without a Close frame.
        public static let connectionLost = Code(kind: .connectionLost)
        /// The venue closed an open connection with a code other than 1000.
        public static let closedByVenue = Code(kind: .closedByVenue)
        /// The server broke the WebSocket protocol, or a limit on messages, on an open connection.
        public static let protocolViolation = Code(kind: .protocolViolation)
        /// The venue sent a message beyond ``ClientConfiguration/messageByteLimit``.
        public static let messageTooLarge = Code(kind: .messageTooLarge)

        /// The code's name.
        public var description: String { kind.rawValue }

        fileprivate init(_ code: TransportError.Code) {
            kind =
                switch code {
                case .invalidURL: .invalidAddress
                case .nameNotResolved: .nameNotResolved
                case .connectionRefused: .connectionRefused
                case .unreachable, .cancelled, .listenFailed: .unreachable
                case .connectTimeout, .tlsTimeout, .upgradeTimeout, .timeout: .timedOut
                case .tlsFailed: .tlsFailed
                case .certificateUnreadable: .certificateUnreadable
                case .certificateExpired: .certificateExpired
                case .certificateNotYetValid: .certificateNotYetValid
                case .certificateUntrusted: .certificateUntrusted
                case .hostnameMismatch: .certificateForOtherHost
                case .upgradeRefused: .upgradeRefused
                case .upgradeInvalid: .upgradeInvalid
                }
        }

        private init(kind: Kind) { self.kind = kind }
    }

    /// The kind of failure.
    public let code: Code
    /// What failed and what to do about it, in one sentence without a full stop. It quotes at most 120 characters of the
    /// server's words.
    public let message: String
    /// The address that was dialled.
    public let address: String
    /// The HTTP status with which the server refused the upgrade; `nil` for every other failure.
    public let httpStatus: Int?
    /// When it happened, in milliseconds since 1970 by the local clock.
    public let timeMilliseconds: Int64

    /// Makes a failure, for tests of code that handles one.
    public init(code: Code, message: String, address: String, httpStatus: Int? = nil, timeMilliseconds: Int64 = 0) {
        self.code = code
        self.message = message
        self.address = address
        self.httpStatus = httpStatus
        self.timeMilliseconds = timeMilliseconds
    }

    /// The failure that ended a connection or a dial; `nil` if the end was none.
    init?(_ close: TransportClose, address: String, atMilliseconds time: Int64) {
        let reason = CloseReason(close)
        var code: Code
        var httpStatus: Int?
        var message = reason.description
        switch close {
        case .byUs: return nil
        case .byPeer:
            if reason.isRoutine { return nil }
            code = .closedByVenue
        case .lost: code = .connectionLost
        case .violation: code = .protocolViolation
        case .messageTooLarge: code = .messageTooLarge
        case .failed(let error):
            if error.code == .cancelled { return nil }
            code = Code(error.code)
            httpStatus = error.httpStatus
            message = error.message
        }
        self.init(code: code, message: message, address: address, httpStatus: httpStatus, timeMilliseconds: time)
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
