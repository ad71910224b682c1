/// How a connection is made and what it accepts.
package struct DialSettings: Sendable {
    /// How long TCP may take.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the TLS handshake may take.
    package var tlsTimeout: Duration = .seconds(5)
    /// How long the upgrade may take.
    package var upgradeTimeout: Duration = .seconds(5)
    /// How long all of it may take.
    package var totalTimeout: Duration = .seconds(10)
    /// How long the peer may take to answer our Close frame.
    package var closeTimeout: Duration = .seconds(2)
    /// The largest message accepted.
    package var maxMessageByteCount = 16 << 20
    /// The buffer that the socket is read into: large, so that a busy feed costs few system calls.
    package var receiveBufferByteCount = 512 << 10
    /// Whom TLS trusts.
    package var tls = TLSSettings()

    package init() {}
}

/// Whom a secure connection trusts: the system's authorities and, if asked for, further ones.
package struct TLSSettings: Hashable, Sendable {
    /// PEM files of further certificate authorities.
    package var additionalRootFiles: [String] = []
    /// Further certificate authorities as PEM text.
    package var additionalRoots: [String] = []

    package init() {}
}
