import NIOCore
import TestPacing
import Testing
import WebSocketTransport

/// What a hostile peer can cost: each resource that its bytes use has a bound, on both sides.
@Suite("Hostile peers", .overLoopback, .timeLimit(.minutes(30))) struct HostilePeerTests {
    /// Bytes of a hostile peer, and the words of the end that they bring about.
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Sent again and again until the connection ends.
        let bytes: [UInt8]
        var isBeforeUpgrade = false
        let words: String
    }

    private static let limit = 1 << 20

    private static func frame(_ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, masked: Bool) -> [UInt8] {
        let first = opcode | (isFinal ? 0x80 : 0)
        let mask: [UInt8] = masked ? [0, 0, 0, 0] : []
        let bit: UInt8 = masked ? 0x80 : 0
        return payload.count < 126
            ? [first, bit | UInt8(payload.count)] + mask + payload
            : [first, bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)] + mask + payload
    }

    private static func attacks(masked: Bool) -> [Attack] {
        let announced: [UInt8] = [0x81, masked ? 0xff : 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0]
        let part = [UInt8](repeating: 0x61, count: 60_000)
        let parts =
            frame(1, part, isFinal: false, masked: masked)
            + (0..<20).flatMap { _ in frame(0, part, isFinal: false, masked: masked) }
        let empties =
            frame(1, isFinal: false, masked: masked)
            + (0...MessageAssembler.fragmentLimit).flatMap { _ in frame(0, isFinal: false, masked: masked) }
        return [
            Attack(
                testDescription: "a frame that announces 1 GiB", bytes: announced + [0, 0, 0, 0],
                words: "1048576"),
            Attack(testDescription: "fragments of 1.2 MB in all", bytes: parts, words: "1048576"),
            Attack(testDescription: "empty fragments without end", bytes: empties, words: "fragments"),
            Attack(
                testDescription: "a control frame of 126 bytes",
                bytes: frame(9, [UInt8](repeating: 0, count: 126), masked: masked), words: "longer than 125 bytes"),
        ]
    }

    static let byServers =
        attacks(masked: false) + [
            Attack(
                testDescription: "headers without end",
                bytes: Array("HTTP/1.1 101 X\r\nA: b\r\n".utf8)
                    + (0..<1000).flatMap { Array("A\($0): b\r\n".utf8) }, isBeforeUpgrade: true, words: "more headers"),
            Attack(
                testDescription: "one header without end",
                bytes: Array("HTTP/1.1 101 X\r\nA: ".utf8) + [UInt8](repeating: 0x61, count: 10_000),
                isBeforeUpgrade: true, words: "headers"),
            Attack(
                testDescription: "interim answers without end", bytes: Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8),
                isBeforeUpgrade: true, words: "more headers"),
            Attack(
                testDescription: "a refusal without end",
                bytes: Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999\r\n\r\n".utf8)
                    + [UInt8](repeating: 0x61, count: 10_000), isBeforeUpgrade: true, words: "403 Forbidden"),
        ]

    @Test(arguments: byServers)
    func `a hostile server ends its own connection and no more`(attack: Attack) async throws {
        var settings = DialSettings.patient
        settings.maxMessageByteCount = Self.limit
        var client: TestConnection?
        try await RawPeer.listen(
            dial: { [settings] in client = try await TestConnection.dial("ws://127.0.0.1:\($0)/", settings: settings) }
        ) { peer in
            if attack.isBeforeUpgrade { _ = try await peer.readHead() } else { try await peer.acceptUpgrade() }
            await Self.flood(peer, with: attack.bytes)
            let end = await client?.end()
            #expect("\(String(describing: end))".contains(attack.words), "\(String(describing: end))")
        }
    }

    static let byClients =
        attacks(masked: true) + [
            Attack(
                testDescription: "headers without end",
                bytes: Array("GET / HTTP/1.1\r\n".utf8)
                    + (0..<1000).flatMap { Array("A\($0): b\r\n".utf8) }, isBeforeUpgrade: true, words: ""),
            Attack(
                testDescription: "a body of 100 MB",
                bytes: Array("POST /info HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n".utf8)
                    + [UInt8](repeating: 0x61, count: 100_000), isBeforeUpgrade: true, words: "413"),
            Attack(
                testDescription: "no HTTP", bytes: Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8), isBeforeUpgrade: true,
                words: ""),
        ]

    @Test(arguments: byClients)
    func `a hostile client ends its own connection and no more`(attack: Attack) async throws {
        var server = try await RunningServer.start(.echo, limit: Self.limit)
        try await RawPeer.connect(port: server.port) { peer in
            if !attack.isBeforeUpgrade { _ = try await peer.upgrade() }
            await Self.flood(peer, with: attack.bytes)
            if attack.isBeforeUpgrade {
                // The server may reset the connection, because it does not read what comes after its answer.
                let answer = (try? await peer.readToEnd()) ?? []
                #expect(answer.isEmpty || String(decoding: answer, as: UTF8.self).contains(attack.words))
            } else {
                var accepted = await server.accepted()
                let end = await accepted?.end()
                #expect("\(String(describing: end))".contains(attack.words), "\(String(describing: end))")
            }
        }
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        await server.stop()
    }

    /// Sends bytes, again and again, until the peer does not take them any more.
    private static func flood(_ peer: RawPeer, with bytes: [UInt8]) async {
        let chunk = Array(repeatElement(bytes, count: max(1, 65_536 / bytes.count)).joined())
        do {
            for _ in 0..<max(1, (2 << 20) / chunk.count) { try await peer.send(chunk) }
        } catch {
            // The peer has ended the connection, as it should.
        }
    }

    @Test func `of many pings in one read, some are answered, the newest among them`() throws {
        let dial = try EmbeddedDial()
        try dial.receive(EmbeddedDial.goodAnswer)
        _ = try dial.takeSent()
        try dial.receive((0..<1000).flatMap { [0x89, 0x02, UInt8($0 >> 8), UInt8($0 & 0xff)] })
        let sent = try dial.takeSent()
        // A masked pong with two bytes has eight.
        #expect(sent.count == 8 * (TransportConnection.pongLimit + 1))
        let last = Array(sent.suffix(8))
        #expect([last[6] ^ last[2], last[7] ^ last[3]] == [3, 0xe7])
    }

    @Test func `certificates are checked unless an authority is added`() {
        #expect(DialSettings().tls == TLSSettings())
        #expect(TLSSettings().additionalRoots.isEmpty && TLSSettings().additionalRootFiles.isEmpty)
    }
}
