import Hyperliquid
import Logging
import TestPacing
import Testing

@Suite("Log", .overLoopback, .timeLimit(.minutes(30))) struct LogTests {
    @Test func `debug tells each step from the dial to the acknowledgement, and again after a loss`() async throws {
        let venue = try await ScriptedVenue.start()
        let log = LogInbox()
        try await withClient(of: .custom(api: venue.url, explorer: venue.url), configuration: log.configuration) {
            client in
            let trades = TradesFeed(coin: "BTC")
            _ = try await Reader(trades, through: .callback, on: client)
            for message in ["Dialling", "Connection opened", "Request sent", "Subscription acknowledged"] {
                #expect(try await log.lines.next().message == message)
            }
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            for message in ["Connection ended", "Dialling", "Connection opened"] {
                #expect(try await log.lines.next().message == message)
            }
            let again = try await log.lines.next()
            #expect(again.message == "Request sent" && again.level == .debug)
            #expect(again.metadata["feed"] == trades.request.description && again.metadata["request"] == "subscribe")
        }
        await venue.stop()
    }

    @Test func `an orderly shutdown is told as one, without a retry`() async throws {
        let venue = try await ScriptedVenue.start()
        let log = LogInbox()
        try await withClient(of: .custom(api: venue.url, explorer: venue.url), configuration: log.configuration) {
            client in
            _ = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            await client.shutDown()
        }
        let line = try await log.lines.first { line in
            line.message.hasPrefix("Connection ") && line.message != "Connection opened" ? line : nil
        }
        #expect(line.message == "Connection closed" && line.level == .info)
        #expect(line.metadata["retry_ms"] == nil)
        await venue.stop()
    }

    @Test func `a warning that comes again is counted, and written once a minute`() {
        var repetitions = Repetitions()
        func time(_ seconds: Int) -> Instant { Instant.start.advanced(by: .seconds(seconds)) }
        let counts = [0, 1, 30, 59, 60, 61, 200].map { repetitions.count(of: "slow 1", at: time($0)) }
        #expect(counts == [0, nil, nil, nil, 3, nil, 1])
        #expect(repetitions.count(of: "slow 2", at: time(200)) == 0)
    }

    @Test func `a venue that makes up warnings fills no memory`() {
        var repetitions = Repetitions()
        for number in 0..<10_000 { #expect(repetitions.count(of: "text \(number)", at: .start) == 0) }
    }
}
