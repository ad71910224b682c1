import HyperliquidWire
import Testing

@Suite("Coins") struct CoinTests {
    static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/@#abcdefghijklmnopqrstuvwxyz"
    /// Names of every length up to 66, three of each length near a word boundary, and some unusual ones.
    static let names: [String] =
        (0...66).map { String(alphabet.prefix($0)) }
        + [7, 8, 9, 14, 15, 16, 17].flatMap { count -> [String] in
            let name = alphabet.prefix(count - 1)
            return [name + "!", name + "~"]
        }
        + ["\0", "\0\0", "A\0", "A\0\0", "A\0B", String(alphabet.prefix(15)) + "\0", "\0" + alphabet.prefix(15)]
        + ["\u{e9}", "e\u{301}", "\u{1F600}", "\u{1F600}\u{1F600}\u{1F600}\u{1F600}", "\u{7f}", "a\"b", "a\\b", " "]

    @Test func `a coin keeps its name`() {
        for name in Self.names {
            let coin = Coin(name)
            #expect(Array(coin.name.utf8) == Array(name.utf8))
            #expect(coin.description == coin.name && coin.byteCount == name.utf8.count)
        }
        #expect(("BTC" as Coin).name == "BTC" && Coin("BTC").byteCount == 3)
    }

    @Test func `coins are equal and hash alike if their bytes are equal`() {
        for left in Self.names {
            for right in Self.names {
                let isSame = Array(left.utf8) == Array(right.utf8)
                #expect((Coin(left) == Coin(right)) == isSame)
                if isSame { #expect(Coin(left).hashValue == Coin(right).hashValue) }
            }
        }
        #expect(Set(Self.names.map { Coin($0) }).count == Set(Self.names.map { Array($0.utf8) }).count)
    }

    @Test func `coins are ordered by their bytes, like ASCII texts`() {
        for left in Self.names {
            for right in Self.names {
                let isSmaller = left.utf8.lexicographicallyPrecedes(right.utf8)
                #expect((Coin(left) < Coin(right)) == isSmaller)
                if left.utf8.allSatisfy({ $0 < 0x80 }), right.utf8.allSatisfy({ $0 < 0x80 }) {
                    #expect((left < right) == isSmaller)
                }
            }
        }
    }

    @Test func `a coin from a message equals one that the program creates`() throws {
        for name in Self.names where name.utf8.count <= 64 {
            var writer = JSONWriter()
            writer.value(name)
            for before in ["", " \n"] {
                let coin = try withReader(before + String(decoding: writer.bytes, as: UTF8.self)) {
                    (reader) throws(DecodingFault) in try reader.readCoin()
                }
                #expect(coin == Coin(name) && Array(coin.name.utf8) == Array(name.utf8))
            }
        }
    }

    @Test func `a message's coin or side of more than 64 bytes is a fault`() throws {
        let name = Self.alphabet.prefix(65)
        #expect(Coin(String(name)).byteCount == 65)
        let coin = #expect(throws: DecodingFault.self) {
            _ = try withReader(" \"\(name)\"") { (reader) throws(DecodingFault) in try reader.readCoin() }
        }
        #expect(coin?.code == .invalidIdentifier && coin?.byteOffset == 1)
        let side = #expect(throws: DecodingFault.self) {
            _ = try withReader("\"\(name)\"") { (reader) throws(DecodingFault) in try reader.readWord(Side.self) }
        }
        #expect(side?.code == .invalidIdentifier && side?.byteOffset == 0)
        try withReader("\"\(Self.alphabet.prefix(64))\"") { (reader) throws(DecodingFault) in
            #expect(try reader.readWord(Side.self) == Side(rawValue: String(Self.alphabet.prefix(64))))
            #expect(reader.unknownCount == 1)
        }
    }

    @Test func `the table takes a limited number of long texts from messages, and known ones always`() {
        var texts = InternTable(messageLimit: 2)
        let first = "a name of more than 15 bytes", second = "another name of more than 15 bytes"
        let brought = [
            first, first, String(repeating: "a", count: 65), second, "one name of more than 15 bytes too many", second,
        ]
        let areTaken = brought.map { texts.takes(ofMessage: $0) }
        #expect(areTaken == [true, true, false, true, false, true])
        #expect(texts.count == 2)
    }
}

#if os(macOS) || os(Linux)
extension CoinTests {
    @Test func `a peer cannot fill the memory of the process with names`() async {
        // In a separate process, because its table stays full.
        await #expect(processExitsWith: .success) {
            func read(_ name: String) throws(DecodingFault) -> Coin {
                try withReader("\"\(name)\"") { (reader) throws(DecodingFault) in try reader.readCoin() }
            }
            for number in 0..<65_536 { _ = try read("a long name \(100_000 + number)") }
            #expect(throws: DecodingFault.self) { try read("a long name 200000") }
            #expect(try read("a long name 100000").name == "a long name 100000")
            #expect(Coin("a long name 200000") < Coin("a long name 200001"))
            #expect(try read("a long name 200000").name == "a long name 200000")
            #expect(try read("short").name == "short")
        }
    }
}
#endif
