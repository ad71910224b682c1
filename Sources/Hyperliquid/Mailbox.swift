internal import NIOConcurrencyHelpers

/// The bounded buffer of one sequence: filled on the client's loop once a read, emptied by the reader's task.
///
/// The lock is held for a few moves of array references, once a read and once a wake-up, never once an event.
final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var batches: [[FeedEvent<Event>]] = []
        /// How many events of the first batch have been dropped.
        var skipped = 0
        var count = 0
        var conflatedCount = 0
        var droppedCount = 0
        /// Dropped since the last gap that said so.
        var unannounced = 0
        var firstDropMilliseconds: Int64 = 0
        var isEnded = false
        var failure: HyperliquidError?
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// What a reader gets.
    enum Taken {
        case batches([[FeedEvent<Event>]])
        case ended(HyperliquidError?)
        case nothing
    }

    private let policy: DeliveryPolicy
    // Not `Mutex`: the thread sanitizer cannot see its slow path, and reports races that are none.
    private let state = NIOLockedValueBox(State())

    init(policy: DeliveryPolicy) {
        self.policy = policy
    }

    /// Takes what came in a read; false when the buffer overflows, which ends it.
    func append(_ batch: [FeedEvent<Event>], conflatedCount: Int, atMilliseconds now: Int64) -> Bool {
        let (waiter, fits) = state.withLockedValue { state -> (CheckedContinuation<Void, Never>?, Bool) in
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
                Self.dropOldest(&state, limit: limit, at: now)
            }
            return (state.waiter.take(), true)
        }
        waiter?.resume()
        return fits
    }

    /// Keeps what is no data, and of the data the newest.
    private static func conflate(_ state: inout State, with batch: [FeedEvent<Event>]) {
        guard let waiting = state.batches.first else {
            state.batches = [batch]
            state.count = batch.count
            return
        }
        let isReplaced = batch.contains { $0.data != nil }
        let kept = isReplaced ? waiting.filter { $0.data == nil } : waiting
        state.conflatedCount += waiting.count - kept.count
        // Gaps and faults without any data between them: a handful at most, unless the venue sends only rubbish.
        state.batches = [kept.suffix(64) + batch]
        state.count = state.batches[0].count
    }

    private static func dropOldest(_ state: inout State, limit: Int, at now: Int64) {
        while state.count > limit, let first = state.batches.first {
            let excess = min(state.count - limit, first.count - state.skipped)
            if state.unannounced == 0 { state.firstDropMilliseconds = now }
            let dropped = first[state.skipped..<state.skipped + excess].count { $0.data != nil }
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

    /// Takes everything that waits.
    func take(atMilliseconds now: @autoclosure () -> Int64) -> Taken {
        state.withLockedValue { state in
            guard !state.batches.isEmpty else { return state.isEnded ? .ended(state.failure) : .nothing }
            var batches = state.batches
            if state.skipped > 0 { batches[0].removeFirst(state.skipped) }
            if state.unannounced > 0 {
                let gap = Gap(
                    reason: .overflow, fromMilliseconds: state.firstDropMilliseconds, toMilliseconds: now(),
                    missedCount: state.unannounced)
                batches[0].insert(.gap(gap), at: 0)
            }
            state.batches = []
            state.skipped = 0
            state.count = 0
            state.unannounced = 0
            return .batches(batches)
        }
    }

    /// Waits until something is there, the mailbox has ended, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLockedValue { state in
                    if !state.batches.isEmpty || state.isEnded || Task.isCancelled { return true }
                    precondition(state.waiter == nil, "a subscription is read by one task")
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiter.take() }?.resume()
        }
    }

    /// Nothing more comes; what waits can still be read.
    func end(_ failure: HyperliquidError?) {
        let waiter = state.withLockedValue { state in
            if !state.isEnded {
                state.isEnded = true
                state.failure = failure
            }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    var usage: Subscriber.Usage {
        state.withLockedValue {
            Subscriber.Usage(
                queueDepth: $0.count, conflatedCount: $0.conflatedCount, droppedCount: $0.droppedCount)
        }
    }
}
