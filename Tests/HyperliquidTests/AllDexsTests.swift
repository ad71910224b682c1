import Hyperliquid
import Testing

/// What a stream of all dexes shows as its dex is not known (PROTOCOL 3.0): it takes what nothing else fits.
@Suite("All dexes", .timeLimit(.minutes(10))) struct AllDexsTests {
    private func orders(_ user: String, _ dex: String) -> String {
        #"{"channel":"openOrders","data":{"dex":"\#(dex)","user":"\#(user)","orders":[]}}"#
    }

    @Test func `streams of two users on one connection keep apart whatever dex they show`() async throws {
        try await withScript { client, venue in
            let users = ["0x" + String(repeating: "1", count: 40), "0x" + String(repeating: "2", count: 40)]
            var readers: [Reader<OpenOrdersFeed>] = []
            for user in users {
                readers.append(
                    try await Reader(
                        OpenOrdersFeed(user: Address(user), dex: "ALL_DEXS"), through: .callback, on: client))
            }
            #expect(await client.connectionInfo().lanes.count == 1)
            for dex in ["abc", "ALL_DEXS"] {
                for user in users.reversed() { try await venue.send(orders(user, dex)) }
                for (user, reader) in zip(users, readers) {
                    let data = try await reader.data()
                    #expect(data.user.description == user && data.dex == dex)
                }
            }
            #expect(await client.connectionInfo().unroutedCount == 0)
        }
    }
}
