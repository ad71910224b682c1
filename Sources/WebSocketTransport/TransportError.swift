internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Android)
internal import Android
#endif

/// The reason why a connection could not be made or a listener could not be opened.
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
    /// What failed and what to do about it, in one sentence.
    package let message: String
    /// The HTTP status with which the peer refused the upgrade; `nil` for every other error.
    package let httpStatus: Int?

    package init(_ code: Code, _ message: String, httpStatus: Int? = nil) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
    }

    package var description: String { "\(code): \(message)" }
}

/// How a connection, or an attempt to make one, ended.
package enum TransportClose: Hashable, Sendable {
    /// The peer sent a Close frame; the code is `nil` if the frame had none.
    case byPeer(code: UInt16?, reason: String)
    /// This side sent the first Close frame, or dropped the connection.
    case byUs
    /// The connection broke without a Close frame.
    case lost(String)
    /// The peer broke RFC 6455.
    case violation(String)
    /// The connection was never made.
    case failed(TransportError)
}

extension TransportError {
    /// Makes the error for a TCP connection that failed.
    init(connecting endpoint: Endpoint, _ error: any Error) {
        let address = "\(endpoint.host):\(endpoint.port)"
        switch error {
        case let error as TransportError: self = error
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            self.init(
                .nameNotResolved,
                "The host '\(endpoint.host)' cannot be resolved; check its spelling and the name service")
        case let error as NIOConnectionError:
            let errors = error.connectionErrors.map(\.error)
            if let own = errors.lazy.compactMap({ $0 as? TransportError }).first {
                self = own
            } else if errors.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
                self.init(
                    .connectionRefused, "Nothing listens at \(address); check the port, and whether the server runs")
            } else if errors.contains(where: {
                if case .some(.connectTimeout) = $0 as? ChannelError { true } else { false }
            }) {
                self.init(.connectTimeout, "\(address) did not answer in time; check the address and the network")
            } else {
                self.init(.unreachable, "\(address) cannot be reached: \(errors.first.map { "\($0)" } ?? "no address")")
            }
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            self.init(.connectionRefused, "Nothing listens at \(address); check the port, and whether the server runs")
        case ChannelError.connectTimeout:
            self.init(.connectTimeout, "\(address) did not answer in time; check the address and the network")
        default: self.init(.unreachable, "\(address) cannot be reached: \(error)")
        }
    }

    /// Makes the error for a TLS handshake or an upgrade that failed.
    init(handshaking endpoint: Endpoint, _ error: any Error) {
        let text = "\(error)"
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            self.init(
                .hostnameMismatch,
                "The certificate of \(endpoint.host) is for another name; check the address (\(text))")
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self.init(
                .certificateUntrusted,
                "The certificate of \(endpoint.host) is expired or not trusted; "
                    + "add its authority, or check the system clock and which server answers there")
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self.init(.tlsFailed, "\(endpoint.host):\(endpoint.port) does not speak TLS; is its address ws://?")
        } else if text.contains("EOF during handshake") {
            self.init(
                .tlsFailed,
                "\(endpoint.host):\(endpoint.port) closed the connection during the TLS handshake; does it speak TLS, or is its address ws://?"
            )
        } else if error is NIOSSLError {
            self.init(.tlsFailed, "TLS with \(endpoint.host) failed: \(text)")
        } else if error is HTTPParserError {
            let hint = endpoint.isSecure ? "check the port" : "check the port, and whether its address is wss://"
            self.init(.upgradeInvalid, "\(endpoint.host):\(endpoint.port) does not speak HTTP; \(hint)")
        } else {
            self.init(
                .unreachable,
                "The connection to \(endpoint.host) broke before the upgrade: \(Self.reason(of: error))")
        }
    }

    /// Describes the error that broke a connection.
    static func reason(of error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == ECONNRESET: "the peer reset the connection"
        case let error as IOError where error.errnoCode == EPIPE: "the peer has stopped reading"
        case NIOSSLError.uncleanShutdown: "the peer closed the connection without ending TLS"
        default: "\(error)"
        }
    }
}
