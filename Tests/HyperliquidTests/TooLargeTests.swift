import Hyperliquid
import HyperliquidWire
import TestPacing
import Testing

/// A feed that sends messages beyond the size limit ends; its neighbours go on.
@Suite("Too large messages", .overLoopback, .timeLimit(.minutes(30))) struct TooLargeTests {
    private let mids = AllMidsFeed()
    private let trades = TradesFeed(coin: "BTC")

    /// A message of this channel with more than 65,536 bytes.
    private func large(_ channel: String) -> String {
        #"{"channel":"\#(channel)","data":{"mids":{"\#(String(repeating: "A", count: 70_000))":"1"}}}"#
    }

    private var configuration: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.messageByteLimit = 65_536
        return configuration
    }

    @Test func `the feed whose channel the message names is tried apart, and ends at the second one`() async throws {
        try await withScript(configuration: configuration) { client, venue in
            let good = try await Reader(trades, through: .callback, on: client)
            let bad = try await Reader(mids, through: .callback, on: client)
            let first = try await venue.received(Messages.subscribe(mids))
            try await venue.send(large("allMids"), to: first)
            #expect(try await good.gap().reason == .reconnected)
            let second = try await venue.received(Messages.subscribe(mids))
            let home = await client.subscription(good.id)?.connection
            try await venue.send(large("allMids"), to: second)
            let error = try await bad.failure()
            #expect(error.code == .messageTooLarge)
            #expect(error.message.contains("65536") && error.message.contains("messageByteLimit"))
            #expect(await client.subscription(good.id)?.connection == home, "its neighbour is not disturbed again")
        }
    }

    @Test func `one large message costs the connection once`() async throws {
        try await withScript(configuration: configuration) { client, venue in
            let good = try await Reader(trades, through: .callback, on: client)
            let bad = try await Reader(mids, through: .callback, on: client)
            let first = try await venue.received(Messages.subscribe(mids))
            try await venue.send(large("allMids"), to: first)
            _ = try await good.gap()
            let second = try await venue.received(Messages.subscribe(mids))
            try await venue.send(#"{"channel":"allMids","data":{"mids":{"BTC":"1"}}}"#, to: second)
            #expect(try await bad.gap().reason == .reconnected)
            #expect(try await bad.data().count == 1)
        }
    }
}
