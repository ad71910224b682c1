import HyperliquidEngine
import HyperliquidWire
import Testing

/// Two connections that bring the same, and each message once.
@Suite("Handover") struct HandoverTests {
    private let old = ConnectionID(1)
    private let new = ConnectionID(2)
    private let start = Instant.start

    /// What is delivered, a question mark being a gap. The story is of messages: small letters on the old connection, capital
    /// ones the same on the new; a stroke is the old connection's end.
    private func deliver(_ story: String, isDistinct: Bool = true, isLost: Bool = false) -> String {
        var handover = Handover(from: old, isDistinct: isDistinct)
        var delivered = ""
        for step in story {
            if step == "|" {
                let rest = handover.oldEnded(isLost: isLost, at: start, timeout: .seconds(10))
                delivered +=
                    (rest.hasGap ? "?" : "") + rest.messages.map { String(decoding: $0, as: UTF8.self) }.joined()
            } else if handover.arrived(
                Array(step.lowercased().utf8), on: step.isLowercase ? old : new, at: start.advanced(by: .seconds(1)))
            {
                delivered += step.lowercased()
            }
        }
        return delivered
    }

    @Test(arguments: [
        ("abc|", "abc"), ("|AB", "ab"), ("aAbB|CD", "abcd"),
        // The new connection is ahead, behind, and has said nothing yet.
        ("ABCab|D", "abcd"), ("abcB|CD", "abcd"), ("abc|BCD", "abcd"), ("abc|D", "abcd"),
        // What was there before the new one asked comes on the old connection alone.
        ("xyaA|B", "xyab"), ("xyaAB|", "xyab"),
    ]) func `each message comes once and in its order`(_ story: String, _ delivered: String) {
        #expect(deliver(story) == delivered)
    }

    @Test func `what is equal comes as often as the venue sent it`() {
        #expect(deliver("aaAAA|") == "aaa")
        #expect(deliver("aaA|AA") == "aaa")
        #expect(deliver("ab|BABA") == "ababa", "after the first that is new nothing is a repetition")
        #expect(deliver("abX|A") == "abxa", "nor when the first that is new came before the end")
    }

    @Test func `a connection that is lost leaves a gap, and what the other brought comes after it`() {
        #expect(deliver("aABC|D", isLost: true) == "a?bcd")
    }

    @Test func `where equal messages may be two, only silence proves that nothing is missing`() {
        #expect(deliver("|A", isDistinct: false) == "a")
        #expect(deliver("A|B", isDistinct: false) == "ab")
        #expect(deliver("aA|B", isDistinct: false) == "a?b")
    }

    @Test func `after a while nothing is a repetition any more`() {
        var handover = Handover(from: old, isDistinct: true)
        let text = Array("a".utf8)
        _ = handover.arrived(text, on: old, at: start)
        _ = handover.oldEnded(isLost: false, at: start, timeout: .seconds(10))
        #expect(!handover.isOver)
        let isDelivered = handover.arrived(text, on: new, at: start.advanced(by: .seconds(10)))
        #expect(isDelivered && handover.isOver)
    }
}
