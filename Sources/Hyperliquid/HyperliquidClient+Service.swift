internal import HyperliquidEngine

#if ServiceLifecycle
public import ServiceLifecycle

extension HyperliquidClient: Service {
    /// Runs the client until its task is cancelled, ``shutDown()`` is called, or its `ServiceGroup` shuts down
    /// gracefully; then its connections are closed in order and its sequences end.
    /// - Throws: ``HyperliquidError``, code `alreadyRunning` when it was called before, `clientEnded` after the end.
    public nonisolated func run() async throws {
        try await withGracefulShutdownHandler {
            try await self.runUntilEnd()
        } onGracefulShutdown: {
            self.perform { $0.core.submit(.drained) }
        }
    }
}
#else
extension HyperliquidClient {
    /// Runs the client until its task is cancelled or ``shutDown()`` is called; then its connections are closed in
    /// order and its sequences end.
    /// - Throws: ``HyperliquidError``, code `alreadyRunning` when it was called before, `clientEnded` after the end.
    public nonisolated func run() async throws {
        try await runUntilEnd()
    }
}
#endif
