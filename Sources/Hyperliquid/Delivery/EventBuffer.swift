internal import NIOConcurrencyHelpers

/// The bounded buffer of one sequence: filled on the client's loop once per read, emptied by the reader's task.
///
/// Its lock is taken once per read and once per wake-up, never per event, and held while a few array references move.
@safe @usableFromInline package final class EventBuffer: Sendable {
    private struct State: ReadableState {
        var batches: [any _EventBatch] = []
        /// How many events of the first batch have been dropped.
        var skippedCount = 0
        /// How many events wait in all.
        var count = 0
        var conflatedCount = 0
        var droppedCount = 0
        /// How many events were dropped since the last gap that announced drops.
        var unannouncedCount = 0
        var firstDropMilliseconds: Int64 = 0
        var isEnded = false
        var failure: HyperliquidError?
        var reader = ReaderContinuation()
        /// Called when there are events to read again, and when the buffer ends. A group's reader waits for many
        /// buffers at once in this way.
        var listener: (@Sendable () -> Void)?

        var isReady: Bool { !batches.isEmpty || isEnded }
    }

    /// The result of a dequeue.
    package enum Dequeued {
        /// Batches were dequeued.
        case batches
        /// The buffer is empty and has ended, with this error if it failed.
        case ended(HyperliquidError?)
        /// The buffer is empty.
        case nothing
    }

    private let policy: DeliveryPolicy
    // Not a `Mutex`: the thread sanitizer cannot see the slow path of a mutex, and reports races that do not exist.
    private let state = NIOLockedValueBox(State())

    /// Makes an empty buffer.
    package init(policy: DeliveryPolicy) {
        self.policy = policy
    }

    /// Adds the events of one read; does nothing once the buffer has ended.
    /// - Returns: `false` if the policy is `buffered` and the events do not fit; the caller then ends the buffer.
    package func enqueue(
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

    /// Adds a batch by the policy `latest`: keeps only the newest data, but all events that are not data, such as gaps.
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
            let excess = min(state.count - limit, first.count - state.skippedCount)
            if state.unannouncedCount == 0 { state.firstDropMilliseconds = now }
            let dropped = first.dataCount(in: state.skippedCount..<state.skippedCount + excess)
            state.unannouncedCount += dropped
            state.droppedCount += dropped
            state.skippedCount += excess
            state.count -= excess
            if state.skippedCount == first.count {
                state.batches.removeFirst()
                state.skippedCount = 0
            }
        }
    }

    /// Moves all batches into an empty array. The two arrays are swapped, so that no array is allocated per wake-up.
    package func dequeue(into batches: inout [any _EventBatch], atMilliseconds now: @autoclosure () -> Int64)
        -> Dequeued
    {
        precondition(batches.isEmpty, "the reader's array must be empty")
        return state.withLockedValue { state in
            guard !state.batches.isEmpty else { return state.isEnded ? .ended(state.failure) : .nothing }
            swap(&batches, &state.batches)
            if state.unannouncedCount > 0 {
                let gap = Gap(
                    reason: .overflow, fromMilliseconds: state.firstDropMilliseconds, toMilliseconds: now(),
                    missedCount: state.unannouncedCount)
                batches[0] = batches[0].dropping(first: state.skippedCount, gap: gap)
            } else if state.skippedCount > 0 {
                batches[0] = batches[0].dropping(first: state.skippedCount, gap: nil)
            }
            state.skippedCount = 0
            state.count = 0
            state.unannouncedCount = 0
            return .batches
        }
    }

    /// Waits until there is something to read, the buffer has ended, or the task is cancelled.
    package func wait() async { await state.waitUntilReady() }

    /// Calls `listener` whenever there are events to read again, and when the buffer ends; at once if either is the
    /// case.
    func listen(_ listener: @escaping @Sendable () -> Void) {
        let isReady = state.withLockedValue { state in
            precondition(state.listener == nil, "a subscription must be read in one place only")
            state.listener = listener
            return state.isReady
        }
        if isReady { listener() }
    }

    /// Removes the listener.
    func stopListening() { state.withLockedValue { $0.listener = nil } }

    /// Ends the buffer; the events in it can still be read. Does nothing if it has ended already.
    package func end(_ failure: HyperliquidError?) {
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

/// The task that waits until there is something to read, if there is one. Part of a state that a lock guards.
@safe struct ReaderContinuation {
    // Only the code that takes the continuation out of here resumes it, so it is resumed at most once. A checked
    // continuation would cost an allocation per wake-up.
    private var continuation: UnsafeContinuation<Void, Never>?
    /// Whether the task was cancelled when it was about to wait.
    private var isCancelled = false

    /// Removes and returns the task, for the caller to resume.
    mutating func take() -> UnsafeContinuation<Void, Never>? { unsafe continuation.take() }

    /// Stores the task.
    /// - Returns: `false` if the task must not wait; the caller then resumes it at once.
    fileprivate mutating func wait(_ continuation: UnsafeContinuation<Void, Never>, unless isReady: Bool) -> Bool {
        let wasCancelled = isCancelled
        isCancelled = false
        if isReady || wasCancelled { return false }
        precondition(unsafe self.continuation == nil, "a subscription must be read by one task only")
        unsafe self.continuation = continuation
        return true
    }

    /// Handles the cancellation of the task: removes and returns it, for the caller to resume. If the task does not
    /// wait yet, notes the cancellation instead.
    fileprivate mutating func cancel() -> UnsafeContinuation<Void, Never>? {
        isCancelled = unsafe continuation == nil
        return unsafe continuation.take()
    }
}

/// A state that one task reads and may wait for.
protocol ReadableState: Sendable {
    var reader: ReaderContinuation { get set }
    /// Whether there is something to read, or the end has come.
    var isReady: Bool { get }
}

extension NIOLockedValueBox where Value: ReadableState {
    /// Waits until there is something to read, or the task is cancelled.
    func waitUntilReady() async {
        await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { continuation in
                let waits = withLockedValue { unsafe $0.reader.wait(continuation, unless: $0.isReady) }
                if !waits { unsafe continuation.resume() }
            }
        } onCancel: {
            let reader = unsafe withLockedValue { unsafe $0.reader.cancel() }
            unsafe reader?.resume()
        }
    }
}
