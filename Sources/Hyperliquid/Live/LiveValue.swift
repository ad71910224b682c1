internal import NIOConcurrencyHelpers
internal import Synchronization

/// A value that callbacks change on the client's loop, and that any number of readers look at and wait for.
final class LiveValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        /// The number of changes.
        var version = 0
        var isEnded = false
        var failure: HyperliquidError?
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }

    private let state: NIOLockedValueBox<State>

    init(_ value: Value) { state = NIOLockedValueBox(State(value: value)) }

    /// The present value and the number of changes so far.
    var current: (value: Value, version: Int) { state.withLockedValue { ($0.value, $0.version) } }

    /// Changes the value, and wakes the readers if `change` returns `true`.
    func change(_ change: (inout Value) -> Bool) {
        let waiting = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
            guard change(&state.value) else { return [] }
            state.version += 1
            return state.takeWaiting()
        }
        for reader in waiting { reader.resume() }
    }

    /// Ends the value, with an error if it failed; the first end counts.
    func end(_ failure: HyperliquidError?) {
        let waiting = state.withLockedValue { state in
            if !state.isEnded { (state.isEnded, state.failure) = (true, failure) }
            return state.takeWaiting()
        }
        for reader in waiting { reader.resume() }
    }

    /// Whether the value will not change any more.
    /// - Throws: The error with which it ended.
    func isOver() throws(HyperliquidError) -> Bool {
        let (isEnded, failure) = state.withLockedValue { ($0.isEnded, $0.failure) }
        if let failure { throw failure }
        return isEnded
    }

    /// Waits until there have been more changes than `version`, the value has ended, or the task is cancelled.
    nonisolated(nonsending) func wait(after version: Int) async {
        let waiter = state.withLockedValue { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLockedValue { state in
                    guard state.version <= version, !state.isEnded, !Task.isCancelled else { return false }
                    state.waiting[waiter] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
    }
}

/// Reads a live value change by change, until it ends or the reader's task or service does.
struct LiveReader<Value: Sendable> {
    let live: LiveValue<Value>
    let client: HyperliquidClient
    private var version = -1
    private var shutdown = ServiceShutdown()

    init(_ live: LiveValue<Value>, of client: HyperliquidClient) {
        self.live = live
        self.client = client
    }

    /// Returns the next value that `isNews` accepts, or `nil` at the end.
    nonisolated(nonsending) mutating func next<News>(
        _ news: (Value) throws(HyperliquidError) -> News?
    ) async throws(HyperliquidError) -> News? {
        while true {
            if Task.isCancelled || shutdown.begins() { return nil }
            let (value, version) = live.current
            if version > self.version {
                self.version = version
                if let found = try news(value) { return found }
            }
            if try live.isOver() {
                if client.endsWithService.load(ordering: .acquiring) { await shutdown.wait() }
                return nil
            }
            guard shutdown.isWatched else {
                await live.wait(after: version)
                continue
            }
            let live = live
            await shutdown.during({ await live.wait(after: version) }, onShutdown: { live.end(nil) })
        }
    }
}
