import Hyperliquid
import TestPacing
import Testing

@Suite("Feeds over all dexes", .overLoopback, .timeLimit(.minutes(30))) struct AllDexsTests {
    private func orders(of user: String, dex: String) -> String {
        #"{"channel":"openOrders","data":{"dex":"\#(dex)","user":"\#(user)","orders":[]}}"#
    }

    private func feed(_ user: String, _ dex: String) -> RawFeed {
        RawFeed(type: "openOrders", fields: [("user", .string(user)), ("dex", .string(dex))])
    }

    @Test func `a message of an unnamed dex goes to its user's feed over all dexes`() async throws {
        let users = (1...3).map { "0x" + String(repeating: "\($0)", count: 40) }
        try await withScript { client, venue in
            var readers: [Reader<RawFeed>] = []
            for feed in [
                feed(users[0], "ALL_DEXS"), feed(users[1], "ALL_DEXS"), feed(users[0], "xyz"), feed(users[2], "xyz"),
            ] {
                readers.append(try await Reader(feed, through: .callback, on: client))
            }
            try await venue.send(
                orders(of: users[0], dex: "abc"), orders(of: users[1], dex: "xyz"), orders(of: users[0], dex: "xyz"),
                orders(of: users[2], dex: "abc"), orders(of: users[2], dex: "xyz"))
            let expected = [
                orders(of: users[0], dex: "abc"), orders(of: users[1], dex: "xyz"),
                orders(of: users[0], dex: "xyz"), orders(of: users[2], dex: "xyz"),
            ]
            for (reader, message) in zip(readers, expected) {
                #expect(message.contains(try await reader.data().text))
            }
            // Of the third user only one dex was asked for.
            #expect(await client.connectionInfo().unroutedCount == 1)
        }
    }
}
