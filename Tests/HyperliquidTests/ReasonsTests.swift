import Hyperliquid
import TestPacing
import Testing

@Suite("Connection info: reasons", .overLoopback, .timeLimit(.minutes(30))) struct ReasonsTests {
    @Test func `a connection says why its feeds are not on another one`() async throws {
        try await withExchange { client, _ in
            let plain = try await client.subscribe(to: .l2Book("BTC"))
            let grouped = try await client.subscribe(to: .l2Book("BTC", nSigFigs: 5))
            let info = await client.connectionInfo()
            // A subscription that is not held ends by itself.
            withExtendedLifetime((plain, grouped)) {}
            #expect(info.connections.count == 2)
            #expect(
                info.connections.last?.reasons == [
                    "l2Book BTC nSigFigs=5: its messages look like those of l2Book BTC (connection 1)"
                ])
        }
    }
}
