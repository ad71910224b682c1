internal import NIOConcurrencyHelpers

/// The bounded buffer of one sequence: filled on the client's loop once a read, emptied by the reader's task.
///
/// The lock is held for a few moves of array references, once a read and once a wake-up, never once an event.
@safe @usableFromInline package final class Mailbox: Sendable {
    @safe private struct State {
        var batches: [any EventBatch] = []
        /// How many events of the first batch have been dropped.
        var skipped = 0
        var count = 0
        var conflatedCount = 0
        var droppedCount = 0
        /// Dropped since the last gap that said so.
        var unannounced = 0
        var firstDropMilliseconds: Int64 = 0
        var isEnded = false
        /// Whether the reader's task was cancelled while it was about to wait.
        var isCancelled = false
        var failure: HyperliquidError?
        // Resumed by whoever takes it out of here, and so once; a checked one costs an allocation a wake-up.
        var waiter: UnsafeContinuation<Void, Never>?
    }

    /// What a reader gets.
    package enum Taken {
        case batches
        case ended(HyperliquidError?)
        case nothing
    }

    private let policy: DeliveryPolicy
    // Not `Mutex`: the thread sanitizer cannot see its slow path, and reports races that are none.
    private let state = NIOLockedValueBox(State())

    package init(policy: DeliveryPolicy) {
        self.policy = policy
    }

    /// Takes what came in a read; false when the buffer overflows, which ends it.
    package func append(
        _ batch: any EventBatch, conflatedCount: Int, atMilliseconds now: @autoclosure () -> Int64
    ) -> Bool {
        let (waiter, fits) = unsafe state.withLockedValue { state -> (UnsafeContinuation<Void, Never>?, Bool) in
            guard !state.isEnded else { return (nil, true) }
            state.conflatedCount += conflatedCount
            switch policy {
            case .latest: Self.conflate(&state, with: batch)
            case .buffered(let limit):
                guard state.count + batch.count <= limit else { return (nil, false) }
                state.batches.append(batch)
                state.count += batch.count
            case .droppingOldest(let limit):
                state.batches.append(batch)
                state.count += batch.count
                if state.count > limit { Self.dropOldest(&state, limit: limit, at: now()) }
            }
            return unsafe (state.waiter.take(), true)
        }
        unsafe waiter?.resume()
        return fits
    }

    /// Keeps what is no data, and of the data the newest.
    private static func conflate(_ state: inout State, with batch: any EventBatch) {
        guard let waiting = state.batches.first else {
            state.batches.append(batch)
            state.count = batch.count
            return
        }
        let (conflated, count) = waiting.conflated(with: batch)
        state.conflatedCount += count
        state.batches[0] = conflated
        state.count = conflated.count
    }

    private static func dropOldest(_ state: inout State, limit: Int, at now: Int64) {
        while state.count > limit, let first = state.batches.first {
            let excess = min(state.count - limit, first.count - state.skipped)
            if state.unannounced == 0 { state.firstDropMilliseconds = now }
            let dropped = first.dataCount(in: state.skipped..<state.skipped + excess)
            state.unannounced += dropped
            state.droppedCount += dropped
            state.skipped += excess
            state.count -= excess
            if state.skipped == first.count {
                state.batches.removeFirst()
                state.skipped = 0
            }
        }
    }

    /// Takes everything that waits into an empty array, in exchange for its room: so the two go to and fro, and
    /// neither is allocated for each wake-up.
    package func take(into batches: inout [any EventBatch], atMilliseconds now: @autoclosure () -> Int64) -> Taken {
        precondition(batches.isEmpty, "what is taken takes the place of what has been read")
        return state.withLockedValue { state in
            guard !state.batches.isEmpty else { return state.isEnded ? .ended(state.failure) : .nothing }
            swap(&batches, &state.batches)
            if state.unannounced > 0 {
                let gap = Gap(
                    reason: .overflow, fromMilliseconds: state.firstDropMilliseconds, toMilliseconds: now(),
                    missedCount: state.unannounced)
                batches[0] = batches[0].dropping(first: state.skipped, gap: gap)
            } else if state.skipped > 0 {
                batches[0] = batches[0].dropping(first: state.skipped, gap: nil)
            }
            state.skipped = 0
            state.count = 0
            state.unannounced = 0
            return .batches
        }
    }

    /// Waits until something is there, the mailbox has ended, or the task is cancelled.
    package func wait() async {
        await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                let isReady = state.withLockedValue { state in
                    let wasCancelled = state.isCancelled
                    state.isCancelled = false
                    if !state.batches.isEmpty || state.isEnded || wasCancelled { return true }
                    precondition(unsafe state.waiter == nil, "a subscription is read by one task")
                    unsafe state.waiter = continuation
                    return false
                }
                if isReady { unsafe continuation.resume() }
            }
        } onCancel: {
            let waiter = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
                // Called at once when the task is cancelled already, and then nobody waits yet.
                state.isCancelled = unsafe state.waiter == nil
                return unsafe state.waiter.take()
            }
            unsafe waiter?.resume()
        }
    }

    /// Nothing more comes; what waits can still be read.
    func end(_ failure: HyperliquidError?) {
        let waiter = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
            if !state.isEnded {
                state.isEnded = true
                state.failure = failure
            }
            return unsafe state.waiter.take()
        }
        unsafe waiter?.resume()
    }

    var usage: Subscriber.Usage {
        state.withLockedValue {
            Subscriber.Usage(
                queueDepth: $0.count, conflatedCount: $0.conflatedCount, droppedCount: $0.droppedCount)
        }
    }
}
