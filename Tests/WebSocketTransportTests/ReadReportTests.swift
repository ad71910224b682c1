import NIOCore
import NIOEmbedded
import NIOSSL
import Testing
import WebSocketTransport

/// The owner of a connection is told of each read from the socket, whatever the read brought.
@Suite("Reports of reads") struct ReadReportTests {
    @Test(
        arguments: [
            ("a part of a frame's head", [0x81]), ("a part of a text", [0x81, 0x05, 0x61]),
            ("a fragment", [0x01, 0x01, 0x61]), ("a ping", [0x89, 0x00]), ("a message", [0x81, 0x01, 0x61]),
        ] as [(String, [UInt8])])
    func `a read is reported, whatever it brought`(what: String, bytes: [UInt8]) throws {
        let dial = try EmbeddedDial()
        try dial.receive(EmbeddedDial.goodAnswer)
        let before = dial.readCount
        try dial.receive(bytes)
        #expect(dial.readCount == before + 1)
    }

    @Test func `each read of a TLS record is reported, and only once`() throws {
        let client = try EmbeddedDial(url: "wss://localhost/ws", roots: [Certificates.trusted])
        let server = try SecurePeer()
        try server.exchange(with: client)
        #expect(try server.readText().contains("GET /ws"))
        try server.send(EmbeddedDial.goodAnswer)
        try server.exchange(with: client)
        #expect(client.heard == [.opened])
        // A frame in the middle of a record, byte by byte as the slowest line brings it.
        try server.send([0x81, 0x03, 0x61, 0x62, 0x63])
        let record = try server.takeSent()
        #expect(record.count > 20)
        let before = client.readCount
        for byte in record { try client.receive([byte]) }
        #expect(client.heard == [.opened, .text([0x61, 0x62, 0x63])])
        #expect(client.readCount == before + record.count)
    }
}

/// A server's end of TLS without a socket.
private struct SecurePeer {
    private let channel = EmbeddedChannel()

    init() throws {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(Certificates.good.utf8))
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(Certificates.goodKey.utf8), format: .pem)))
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLServerHandler(context: try NIOSSLContext(configuration: configuration)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ bytes: [UInt8]) throws {
        try channel.writeOutbound(ByteBuffer(bytes: bytes))
    }

    /// The bytes for the socket since the last call.
    func takeSent() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    func readText() throws -> String {
        var text = ""
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    /// Carries bytes in both directions until neither side has any.
    func exchange(with client: EmbeddedDial) throws {
        while true {
            let (sent, received) = (try takeSent(), try client.takeSent())
            if sent.isEmpty, received.isEmpty { return }
            if !sent.isEmpty { try client.receive(sent) }
            if !received.isEmpty { try channel.writeInbound(ByteBuffer(bytes: received)) }
        }
    }
}
