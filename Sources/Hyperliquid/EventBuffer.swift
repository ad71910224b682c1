internal import NIOConcurrencyHelpers

/// The bounded buffer of one sequence: filled on the client's loop once a read, emptied by the reader's task.
///
/// The lock is held for a few moves of array references, once a read and once a wake-up, never once an event.
@safe @usableFromInline package final class EventBuffer: Sendable {
    private struct State: ReadableState {
        var batches: [any _EventBatch] = []
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
        var reader = ReaderContinuation()
        /// Told when something is there again, or the end: a group's reader waits for many buffer at once.
        var listener: (@Sendable () -> Void)?

        var isReady: Bool { !batches.isEmpty || isEnded }
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
        _ batch: any _EventBatch, conflatedCount: Int, atMilliseconds now: @autoclosure () -> Int64
    ) -> Bool {
        var listener: (@Sendable () -> Void)?
        let (reader, fits) = unsafe state.withLockedValue { state -> (UnsafeContinuation<Void, Never>?, Bool) in
            guard !state.isEnded else { return (nil, true) }
            state.conflatedCount += conflatedCount
            if state.batches.isEmpty { listener = state.listener }
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
            return unsafe (state.reader.take(), true)
        }
        unsafe reader?.resume()
        if fits { listener?() }
        return fits
    }

    /// Keeps what is no data, and of the data the newest.
    private static func conflate(_ state: inout State, with batch: any _EventBatch) {
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
    package func take(into batches: inout [any _EventBatch], atMilliseconds now: @autoclosure () -> Int64) -> Taken {
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

    /// Waits until something is there, the buffer has ended, or the task is cancelled.
    package func wait() async { await state.waitUntilReady() }

    /// Has `listener` told whenever something is there again, or the end; at once if it is there now.
    func listen(_ listener: @escaping @Sendable () -> Void) {
        let isReady = state.withLockedValue { state in
            precondition(state.listener == nil, "a subscription is read in one place")
            state.listener = listener
            return state.isReady
        }
        if isReady { listener() }
    }

    /// Lets go of the listener.
    func stopListening() { state.withLockedValue { $0.listener = nil } }

    /// Nothing more comes; what waits can still be read.
    func end(_ failure: HyperliquidError?) {
        var listener: (@Sendable () -> Void)?
        let reader = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            state.failure = failure
            listener = state.listener
            return unsafe state.reader.take()
        }
        unsafe reader?.resume()
        listener?()
    }

    var usage: Subscriber.Usage {
        state.withLockedValue {
            Subscriber.Usage(
                queueDepth: $0.count, conflatedCount: $0.conflatedCount, droppedCount: $0.droppedCount)
        }
    }
}
