import Testing
import WebSocketTransport

@Suite("UTF-8") struct UTF8Tests {
    private func isValid(_ bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe UTF8Check.isValid($0) } }

    @Test func `every sequence of up to three bytes is judged as the standard library judges it`() {
        for lead in UInt8.min ... .max {
            #expect(isValid([lead]) == PlainTwin.isUTF8([lead]))
            for second in UInt8.min ... .max {
                let pair = [lead, second]
                guard isValid(pair) == PlainTwin.isUTF8(pair) else { Issue.record("\(pair)"); continue }
                // The edges of what a third byte may be.
                for third: UInt8 in [0, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xff] {
                    let bytes = [lead, second, third]
                    if isValid(bytes) != PlainTwin.isUTF8(bytes) { Issue.record("\(bytes)") }
                    for fourth: UInt8 in [0x41, 0x80, 0xbf, 0xc0] where lead >= 0xf0 {
                        let four = bytes + [fourth]
                        if isValid(four) != PlainTwin.isUTF8(four) { Issue.record("\(four)") }
                    }
                }
            }
        }
    }

    @Test(arguments: ["é", "€", "𝄞", "\u{10ffff}", "\u{d7ff}", "\u{e000}"])
    func `a character is found wherever it stands among ASCII`(character: String) {
        for before in 0..<140 {
            for after in [0, 1, 31, 63, 64, 65, 130] {
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
