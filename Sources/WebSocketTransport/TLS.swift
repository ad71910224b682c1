internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOSSL

/// The authorities that a secure connection trusts: the system's and, if asked for, further ones.
package struct TLSSettings: Hashable, Sendable {
    /// PEM files of further certificate authorities.
    package var additionalRootFiles: [String] = []
    /// Further certificate authorities as PEM text.
    package var additionalRoots: [String] = []

    package init() {}

    /// Reads the files of authorities, as each dial does.
    /// - Throws: ``TransportError``, code `certificateUnreadable`, for the first file that cannot be read.
    package func checkFiles() throws(TransportError) {
        for file in additionalRootFiles { _ = try TLS.authorities(inFile: file) }
    }
}

/// Makes the handlers of NIOSSL.
enum TLS {
    /// The context made last. Making one reads every authority of the system, which would block the loop at each dial.
    private static let lastContext = NIOLockedValueBox<(settings: TLSSettings, context: NIOSSLContext)?>(nil)

    static func clientHandler(_ endpoint: Endpoint, _ settings: TLSSettings) throws(TransportError)
        -> NIOSSLClientHandler
    {
        do {
            // SNI has no IP addresses. For an address, the certificate is checked against the address that was dialled.
            let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
            return try NIOSSLClientHandler(
                context: try clientContext(settings), serverHostname: isAddress ? nil : endpoint.host)
        } catch let error as NIOSSLExtraError where error == .invalidSNIHostname {
            throw TransportError(.invalidURL, "'\(endpoint.host)' is no name that TLS can ask for; check its spelling")
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.tlsFailed, "TLS cannot be set up: \(error)")
        }
    }

    private static func clientContext(_ settings: TLSSettings) throws -> NIOSSLContext {
        if let last = lastContext.withLockedValue({ $0 }), last.settings == settings { return last.context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        var roots: [NIOSSLAdditionalTrustRoots] = []
        for file in settings.additionalRootFiles {
            roots.append(.certificates(try authorities(inFile: file)))
        }
        for text in settings.additionalRoots {
            roots.append(
                .certificates(
                    try authorities("A text") { try NIOSSLCertificate.fromPEMBytes(Array(text.utf8)) }))
        }
        configuration.additionalTrustRoots = roots
        let context = try NIOSSLContext(configuration: configuration)
        lastContext.withLockedValue { $0 = (settings, context) }
        return context
    }

    fileprivate static func authorities(inFile file: String) throws(TransportError) -> [NIOSSLCertificate] {
        try authorities("The file \(file)") { try NIOSSLCertificate.fromPEMFile(file) }
    }

    private static func authorities(
        _ what: String, _ read: () throws -> [NIOSSLCertificate]
    ) throws(TransportError) -> [NIOSSLCertificate] {
        do {
            return try read()
        } catch {
            throw TransportError(
                .certificateUnreadable,
                "\(what) has no certificate authorities that can be read; check that it exists and is PEM")
        }
    }

    /// The context of a listener.
    static func serverContext(certificate: String, key: String) throws(TransportError) -> NIOSSLContext {
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
            let privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
            return try NIOSSLContext(
                configuration: TLSConfiguration.makeServerConfiguration(
                    certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey)))
        } catch {
            throw TransportError(
                .certificateUnreadable,
                "The listener's certificate and its key cannot be used (\(error)); check that both are PEM and belong "
                    + "together")
        }
    }
}
