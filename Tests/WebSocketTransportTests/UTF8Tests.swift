import Testing
import WebSocketTransport

@Suite("UTF-8") struct UTF8Tests {
    private func isValid(_ bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe UTF8Check.isValid($0) } }

    @Test func `every byte alone is judged as the standard library judges it`() {
        for byte in UInt8.min ... .max { #expect(isValid([byte]) == PlainTwin.isUTF8([byte])) }
    }

    /// The bytes on both sides of every border of the encoding's table.
    private static let borders: [UInt8] = [
        0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ]

    @Test func `sequences along every border are judged as the standard library judges them`() {
        for lead in Self.borders {
            for second in Self.borders {
                judge([lead, second], thirds: second < 0xc2 ? Self.borders.prefix(11) : [0x80])
            }
        }
    }

    private func judge(_ start: [UInt8], thirds: some Sequence<UInt8>) {
        var sequences = [start]
        for third in thirds {
            sequences.append(start + [third])
            if start[0] >= 0xf0 { sequences += [0x41, 0x80, 0xbf, 0xc0].map { start + [third, $0] } }
        }
        for bytes in sequences where isValid(bytes) != PlainTwin.isUTF8(bytes) { Issue.record("\(bytes)") }
    }

    @Test(arguments: ["é", "€", "𝄞", "\u{10ffff}", "\u{d7ff}", "\u{e000}"])
    func `a multi-byte character is accepted anywhere among ASCII`(character: String) {
        for before in 0..<140 {
            for after in [0, 1, 31, 63, 64, 65, 130, 300] {
                let text = String(repeating: "a", count: before) + character + String(repeating: "b", count: after)
                #expect(isValid(Array(text.utf8)))
                var broken = Array(text.utf8)
                broken[before] = 0xff
                #expect(!isValid(broken), "\(before) before, \(after) after")
            }
        }
    }

    @Test(
        arguments: [
            [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xbf], [0xe2, 0x82], [0xf0, 0x9d, 0x84],
            [0xfe], [0xff],
        ] as [[UInt8]])
    func `overlong forms, surrogates, lone and missing bytes are refused`(bytes: [UInt8]) {
        #expect(!isValid(bytes))
        #expect(!isValid(Array("κόσμε".utf8) + bytes))
    }
}
