import Hyperliquid
import TestPacing
import Testing

/// The ways in which users' code handles errors.
@Suite("Errors") struct HyperliquidErrorTests {
    private struct PrivateError: Error, CustomStringConvertible {
        var description: String { "a secret" }
    }

    @Test func `an error is matched by its code`() {
        do {
            throw HyperliquidError(code: .refused, message: "The venue refused.")
        } catch HyperliquidError.Code.timedOut {
            Issue.record("another code matched")
        } catch HyperliquidError.Code.refused {
            // Right.
        } catch {
            Issue.record("no code matched")
        }
    }

    @Test func `errors are equal if their codes are`() {
        let refused = HyperliquidError(code: .refused, message: "One.")
        #expect(refused == HyperliquidError(code: .refused, message: "Another."))
        #expect(refused != HyperliquidError(code: .timedOut, message: "One."))
        #expect(throws: refused) { throw HyperliquidError(code: .refused, message: "") }
    }

    @Test func `a description shows the cause unless the message quotes it or it may be private`() {
        let parameter = FeedParameterError(parameter: "coin", problem: "it is empty", remedy: "name a coin")
        let shown = HyperliquidError(code: .invalidFeed, message: "No feed.", cause: parameter)
        #expect(shown.description == "invalidFeed: No feed. Cause: \(parameter).")
        let quoting = HyperliquidError(code: .invalidFeed, message: "No feed: \(parameter).", cause: parameter)
        #expect(quoting.description == "invalidFeed: No feed: \(parameter).")
        let secret = HyperliquidError(code: .clientEnded, message: "Ended.", cause: PrivateError())
        #expect(secret.description == "clientEnded: Ended. Cause: PrivateError.")
    }
}

@Suite("Raw messages", .overLoopback, .timeLimit(.minutes(30))) struct RawMessageTests {
    @Test func `a client's raw messages have one handler until it is removed`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            let raw = Inbox<String>()
            let token = try await client.onRawMessage { raw.put(String(decoding: $0, as: UTF8.self)) }
            await #expect(throws: HyperliquidError(code: .alreadyObserved, message: "")) {
                try await client.onRawMessage { _ in }
            }
            try await venue.send(Messages.trade(1))
            #expect(try await raw.next() == Messages.trade(1))
            await client.removeRawMessageHandler(token)
            try await client.onRawMessage { _ in }
            // The token of the first handler does not remove the second one.
            await client.removeRawMessageHandler(token)
            await #expect(throws: HyperliquidError.self) { try await client.onRawMessage { _ in } }
            try await venue.send(Messages.trade(2))
            while try await reader.data().map(\.number) != [2] {}
            #expect(raw.takeAll().isEmpty)
        }
    }
}
