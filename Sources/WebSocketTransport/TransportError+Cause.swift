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

extension TransportError {
    /// Why `endpoint` could not be connected to.
    init(connecting endpoint: Endpoint, _ error: any Error) {
        let place = "\(endpoint.host):\(endpoint.port)"
        switch error {
        case let error as TransportError: self = error
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            self.init(
                .nameNotResolved, "The host '\(endpoint.host)' is not known; check its spelling and the name service")
        case let error as NIOConnectionError:
            let errors = error.connectionErrors.map(\.error)
            if let own = errors.lazy.compactMap({ $0 as? TransportError }).first {
                self = own
            } else if errors.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
                self.init(.connectionRefused, "Nobody listens at \(place); check the port, and that the server runs")
            } else if errors.contains(where: {
                if case .some(.connectTimeout) = $0 as? ChannelError { true } else { false }
            }) {
                self.init(.connectTimeout, "\(place) did not answer in time; check the address and the network")
            } else {
                self.init(.unreachable, "\(place) cannot be reached: \(errors.first.map { "\($0)" } ?? "no address")")
            }
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            self.init(.connectionRefused, "Nobody listens at \(place); check the port, and that the server runs")
        case ChannelError.connectTimeout:
            self.init(.connectTimeout, "\(place) did not answer in time; check the address and the network")
        default: self.init(.unreachable, "\(place) cannot be reached: \(error)")
        }
    }

    /// Why the handshake with `endpoint` failed.
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
                    + "add its authority, or check the clock and who answers there")
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self.init(.tlsFailed, "\(endpoint.host):\(endpoint.port) does not speak TLS; is its address ws://?")
        } else if text.contains("EOF during handshake") {
            self.init(
                .tlsFailed,
                "\(endpoint.host):\(endpoint.port) left during the TLS handshake; does it speak TLS, or is its address ws://?"
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

    /// Why a connection broke.
    static func reason(of error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == ECONNRESET: "the peer reset the connection"
        case let error as IOError where error.errnoCode == EPIPE: "the peer reads no more"
        case NIOSSLError.uncleanShutdown: "the peer left without ending TLS"
        default: "\(error)"
        }
    }
}
