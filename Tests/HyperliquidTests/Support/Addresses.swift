import NIOConcurrencyHelpers

/// The addresses that venues of this process have had.
///
/// The system hands out a port again once it is free, and what clients have spent at an address, with the limits of
/// its first client, is remembered for the process's life: a test's venue must not inherit it.
enum Addresses {
    private static let used = NIOLockedValueBox<Set<String>>([])

    /// Starts a venue, again and again until it is the first one at its address.
    static func unused<Venue>(
        _ start: () async throws -> Venue, url: (Venue) -> String, stop: (Venue) async -> Void
    ) async throws -> Venue {
        while true {
            let venue = try await start()
            let address = url(venue)
            if used.withLockedValue({ $0.insert(address).inserted }) { return venue }
            await stop(venue)
        }
    }
}
