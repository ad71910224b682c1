internal import NIOCore
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

/// What TLS needs from its library, and what its errors mean.
enum TLS {
    static func clientHandler(_ endpoint: Endpoint, _ settings: TLSSettings) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        var roots: [NIOSSLAdditionalTrustRoots] = settings.additionalRootFiles.map { .file($0) }
        for text in settings.additionalRoots {
            roots.append(.certificates(try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))))
        }
        configuration.additionalTrustRoots = roots
        let context = try NIOSSLContext(configuration: configuration)
        // A name may not be an address: then the certificate is held against the address that was dialled.
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : endpoint.host)
    }

    static func serverHandler(certificate: String, key: String) throws -> NIOSSLServerHandler {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates, privateKey: .privateKey(privateKey))
        return NIOSSLServerHandler(context: try NIOSSLContext(configuration: configuration))
    }
}

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
            if errors.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
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
                "The certificate of \(endpoint.host) is not trusted; add its authority, or check who answers there")
        } else if error is NIOSSLError {
            self.init(.tlsFailed, "TLS with \(endpoint.host) failed: \(text)")
        } else {
            self.init(.unreachable, "The connection to \(endpoint.host) broke before the upgrade: \(text)")
        }
    }
}
