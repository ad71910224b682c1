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
    package enum Code: String, Hashable, Sendable, CustomStringConvertible {
        /// The address cannot be dialled, for example because its host is no name that TLS can ask for.
        case invalidURL
        case nameNotResolved
        /// Nobody listens at the address.
        case connectionRefused
        case unreachable
        case connectTimeout
        /// The peer does not speak TLS, or the handshake failed for another reason than the certificate.
        case tlsFailed
        /// A file of certificate authorities, or a listener's certificate, cannot be read.
        case certificateUnreadable
        case certificateExpired
        case certificateNotYetValid
        /// The authority of the certificate is not trusted.
        case certificateUntrusted
        case hostnameMismatch
        case tlsTimeout
        /// The peer answered the upgrade with another HTTP status than 101.
        case upgradeRefused
        /// The peer's answer to the upgrade is not one of HTTP, or not one of a WebSocket server.
        case upgradeInvalid
        case upgradeTimeout
        case timeout
        case cancelled
        case listenFailed

        package var description: String { rawValue }
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
    /// The peer sent a message of more than `limit` bytes. `head` is the beginning of its text as far as it was there:
    /// at most 512 bytes.
    case messageTooLarge(limit: Int, head: [UInt8])
    /// The connection was never made.
    case failed(TransportError)
}

extension TransportError {
    /// The reason why an address cannot be listened at.
    init(listeningAt address: String, _ error: any Error) {
        let reason =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "another program uses this port; choose another one, or 0 for any"
            case EADDRNOTAVAIL: "this machine has no such address"
            case EACCES, EPERM: "this port may not be used by this user"
            default: "\(error)"
            }
        self.init(.listenFailed, "Cannot listen at \(address): \(reason)")
    }

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
    /// - Parameter certificate: The peer's certificate, if it has sent one.
    init(handshaking endpoint: Endpoint, _ error: any Error, certificate: NIOSSLCertificate?) {
        let text = "\(error)"
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            self.init(
                .hostnameMismatch,
                "The certificate of \(endpoint.host) is for another name; check the address (\(text))")
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self.init(untrusted: endpoint.host, certificate)
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self.init(.tlsFailed, "\(endpoint.host):\(endpoint.port) does not speak TLS; is its address ws://?")
        } else if text.contains("EOF during handshake") {
            self.init(
                .tlsFailed,
                "\(endpoint.host):\(endpoint.port) closed the connection during the TLS handshake; does it speak TLS, or is its address ws://?"
            )
        } else if error is NIOSSLError {
            self.init(.tlsFailed, "TLS with \(endpoint.host) failed: \(text)")
        } else if let error = error as? HTTPParserError, error == .headerOverflow {
            self.init(
                .upgradeInvalid, "\(endpoint.host):\(endpoint.port) answers with more headers than any WebSocket server"
            )
        } else if error is HTTPParserError {
            let hint = endpoint.isSecure ? "check the port" : "check the port, and whether its address is wss://"
            self.init(.upgradeInvalid, "\(endpoint.host):\(endpoint.port) does not speak HTTP; \(hint)")
        } else {
            self.init(
                .unreachable,
                "The connection to \(endpoint.host) broke before the upgrade: \(Self.reason(of: error))")
        }
    }

    /// Makes the error for a certificate that was not accepted. BoringSSL does not say which of its checks failed.
    private init(untrusted host: String, _ certificate: NIOSSLCertificate?) {
        let now = SystemClock.wallMilliseconds / 1000
        if let certificate, Int64(certificate.notValidAfter) < now {
            self.init(
                .certificateExpired,
                "The certificate of \(host) has expired; the server must renew it, or the system clock is wrong")
        } else if let certificate, Int64(certificate.notValidBefore) > now {
            self.init(.certificateNotYetValid, "The certificate of \(host) is not valid yet; check the system clock")
        } else {
            self.init(
                .certificateUntrusted,
                "The certificate of \(host) is of an unknown issuer; add its authority to the trusted ones, or check "
                    + "which server answers there")
        }
    }

    /// Makes the error for an upgrade that was refused with an HTTP status.
    /// - Parameter body: The beginning of the answer's body.
    init(refusing endpoint: Endpoint, _ status: HTTPResponseStatus, body: [UInt8]) {
        let quote = Self.excerpt(of: body)
        self.init(
            .upgradeRefused,
            "\(endpoint) refused the WebSocket: \(status.code) \(Self.excerpt(of: Array(status.reasonPhrase.utf8)))"
                + (quote.isEmpty ? "" : " (\"\(quote)\")"),
            httpStatus: Int(status.code))
    }

    /// The largest number of bytes of a refusal that are read, and of characters that are shown.
    static let bodyByteLimit = 2048
    private static let excerptLength = 120

    /// The first words of a text from a peer, without tags and control characters.
    private static func excerpt(of bytes: [UInt8]) -> String {
        var text = ""
        var isInTag = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isSpace = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            if scalar == "<" { isInTag = true }
            if !isInTag, !isSpace { text.unicodeScalars.append(scalar) }
            if isSpace || scalar == ">", !text.isEmpty, text.last != " " { text.append(" ") }
            if scalar == ">" { isInTag = false }
        }
        if text.last == " " { text.removeLast() }
        return text.count <= excerptLength ? text : text.prefix(excerptLength) + "…"
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
