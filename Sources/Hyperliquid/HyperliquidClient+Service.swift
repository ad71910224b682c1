internal import HyperliquidEngine

#if ServiceLifecycle
public import ServiceLifecycle
internal import Synchronization

extension HyperliquidClient: Service {
    /// Runs the client until its task is cancelled, ``shutDown()`` is called, or its `ServiceGroup` shuts down gracefully.
    /// Then it closes its connections in order, ends its sequences, and returns.
    /// - Throws: ``HyperliquidError``, code `alreadyRunning` if it was called before, or `clientEnded` if the client has
    ///   ended. Faults of the network and of the venue are no errors: the client recovers from them.
    public nonisolated func run() async throws {
        try await withGracefulShutdownHandler {
            try await self.runUntilEnd()
        } onGracefulShutdown: {
            self.endsWithService.store(true, ordering: .releasing)
            self.perform { $0.runtime.submit(.drained) }
        }
    }
}
#else
extension HyperliquidClient {
    /// Runs the client until its task is cancelled or ``shutDown()`` is called. Then it closes its connections in order,
    /// ends its sequences, and returns.
    /// - Throws: ``HyperliquidError``, code `alreadyRunning` if it was called before, or `clientEnded` if the client has
    ///   ended. Faults of the network and of the venue are no errors: the client recovers from them.
    public nonisolated func run() async throws {
        try await runUntilEnd()
    }
}
#endif
