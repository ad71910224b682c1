import HyperliquidEngine
import HyperliquidWire
import Testing

/// Two connections bring the same messages, and each is delivered once.
@Suite struct HandoverTests {
    private let old = ConnectionID(1)
    private let new = ConnectionID(2)
    private let start = Instant.start

    /// Returns the delivered messages, with a question mark for a gap.
    ///
    /// - Parameter story: The messages that arrive: a lower-case letter on the old connection, and the same message as
    ///   an upper-case letter on the new one. A vertical bar is the end of the old connection.
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
        // The new connection is ahead, behind, or silent so far.
        ("ABCab|D", "abcd"), ("abcB|CD", "abcd"), ("abc|BCD", "abcd"), ("abc|D", "abcd"),
        // Messages from before the new connection asked come on the old one alone.
        ("xyaA|B", "xyab"), ("xyaAB|", "xyab"),
    ]) func `each message is delivered once and in its order`(_ story: String, _ delivered: String) {
        #expect(deliver(story) == delivered)
    }

    @Test func `equal messages are delivered as often as the venue sent them`() {
        #expect(deliver("aaAAA|") == "aaa")
        #expect(deliver("aaA|AA") == "aaa")
        #expect(deliver("ab|BABA") == "ababa", "no message after the first new one is a repetition")
        #expect(deliver("abX|A") == "abxa", "nor is one after a new message that came before the end")
    }

    @Test func `a lost connection leaves a gap before the messages of the other one`() {
        #expect(deliver("aABC|D", isLost: true) == "a?bcd")
    }

    @Test func `a feed with equal messages has a gap unless its old connection brought none`() {
        #expect(deliver("|A", isDistinct: false) == "a")
        #expect(deliver("A|B", isDistinct: false) == "ab")
        #expect(deliver("aA|B", isDistinct: false) == "a?b")
    }

    @Test func `a message is no repetition once the timeout has passed`() {
        var handover = Handover(from: old, isDistinct: true)
        let text = Array("a".utf8)
        _ = handover.arrived(text, on: old, at: start)
        _ = handover.oldEnded(isLost: false, at: start, timeout: .seconds(10))
        #expect(!handover.isOver)
        let isDelivered = handover.arrived(text, on: new, at: start.advanced(by: .seconds(10)))
        #expect(isDelivered && handover.isOver)
    }
}
