#if ServiceLifecycle
// The only way to ask whether a task belongs to a service; the package's own test kit uses it as well.
@_spi(TestKit) internal import ServiceLifecycle
#endif

/// The graceful shutdown of the service in whose task a sequence is read, as far as that reader has seen it.
///
/// A service group shuts its services down one after the other, and fails if one returns before its turn. So a sequence
/// ends when its reader's service shuts down; and if its client was shut down first, it waits for that moment.
struct ServiceShutdown {
    /// Whether the reading task belongs to a service; `nil` before the first read.
    private var isInService: Bool?
    private var isSeen = false

    /// Whether waits go through ``during(_:onShutdown:)``: the reading task belongs to a service.
    var isWatched: Bool { isInService == true }

    #if ServiceLifecycle
    /// Returns `true` once: when the service of the calling task is found to be shutting down.
    mutating func begins() -> Bool {
        guard !isSeen, belongsToService(), Task.isShuttingDownGracefully else { return false }
        isSeen = true
        return true
    }

    private mutating func belongsToService() -> Bool {
        if let isInService { return isInService }
        let isInService = TaskLocals.gracefulShutdownManager != nil
        self.isInService = isInService
        return isInService
    }

    /// Performs `wait`, and calls `onShutdown` if the service of the calling task shuts down meanwhile.
    nonisolated(nonsending) func during(
        _ wait: nonisolated(nonsending) () async -> Void, onShutdown: @escaping @Sendable () -> Void
    ) async {
        await withGracefulShutdownHandler(operation: wait, onGracefulShutdown: onShutdown)
    }

    /// Waits until the service of the calling task shuts down or is cancelled; returns at once if there is none.
    nonisolated(nonsending) func wait() async {
        guard isWatched else { return }
        // Throws if the task is cancelled, which ends the sequence as well.
        try? await gracefulShutdown()
    }
    #else
    mutating func begins() -> Bool { false }

    nonisolated(nonsending) func during(
        _ wait: nonisolated(nonsending) () async -> Void, onShutdown: @escaping @Sendable () -> Void
    ) async { await wait() }

    nonisolated(nonsending) func wait() async {}
    #endif
}
