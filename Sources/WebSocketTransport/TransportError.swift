/// Why a connection could not be made or a listener not be opened.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case invalidURL, nameNotResolved, connectionRefused, unreachable, connectTimeout, tlsFailed
            case certificateUntrusted, hostnameMismatch, tlsTimeout, upgradeRefused, upgradeInvalid, upgradeTimeout
            case timeout, cancelled, listenFailed
        }
        private let kind: Kind

        package static let invalidURL = Code(kind: .invalidURL)
        package static let nameNotResolved = Code(kind: .nameNotResolved)
        package static let connectionRefused = Code(kind: .connectionRefused)
        package static let unreachable = Code(kind: .unreachable)
        package static let connectTimeout = Code(kind: .connectTimeout)
        package static let tlsFailed = Code(kind: .tlsFailed)
        package static let certificateUntrusted = Code(kind: .certificateUntrusted)
        package static let hostnameMismatch = Code(kind: .hostnameMismatch)
        package static let tlsTimeout = Code(kind: .tlsTimeout)
        package static let upgradeRefused = Code(kind: .upgradeRefused)
        package static let upgradeInvalid = Code(kind: .upgradeInvalid)
        package static let upgradeTimeout = Code(kind: .upgradeTimeout)
        package static let timeout = Code(kind: .timeout)
        package static let cancelled = Code(kind: .cancelled)
        package static let listenFailed = Code(kind: .listenFailed)

        package var description: String { kind.rawValue }
    }

    package let code: Code
    /// What failed and what to do, in one sentence.
    package let message: String
    /// The status with which the peer refused the upgrade.
    package let httpStatus: Int?

    package init(_ code: Code, _ message: String, httpStatus: Int? = nil) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
    }

    package var description: String { "\(code): \(message)" }
}

/// How a connection, or the attempt to make one, ended.
package enum TransportClose: Hashable, Sendable {
    /// The peer sent a Close frame; no code when it gave none.
    case byPeer(code: UInt16?, reason: String)
    /// We sent the first Close frame, or dropped the connection.
    case byUs
    /// It broke without a Close frame.
    case lost(String)
    /// The peer broke RFC 6455.
    case violation(String)
    /// It was never made.
    case failed(TransportError)
}
