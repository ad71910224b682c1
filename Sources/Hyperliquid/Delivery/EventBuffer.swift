internal import NIOConcurrencyHelpers

/// The bounded buffer of one sequence: filled on the client's loop once per read, emptied by the reader's task.
///
/// Its lock is taken once per read and once per wake-up, never per event, and held while a few array references move.
@safe @usableFromInline package final class EventBuffer: Sendable {
    private struct State: ReadableState {
        var batches: [any _EventBatch] = []
        /// How many events of the first batch have been dropped.
        var skippedCount = 0
        /// How many events wait in all, and how many of them are gaps and faults.
        var count = 0
        var gapCount = 0
        var faultCount = 0
        var receivedCount = 0
        var deliveredCount = 0
        var conflatedCount = 0
        var droppedCount = 0
        /// The gap that stands for all that was dropped at the front since the last read.
        var leadingGap: Gap?
        /// Whether the leading gap announces dropped data, and thus lasts until the read.
        var leadingGapIsOpen = false
        /// Whether events did not fit by the policy `buffered`: none is taken any more, because they would come too
        /// early.
        var hasOverflowed = false
        /// Whether a reader has been made.
        var hasReader = false
        var isEnded = false
        var failure: HyperliquidError?
        var reader = ReaderContinuation()
        /// Called when there are events to read again, and when the buffer ends. A group's reader waits for many
        /// buffers at once in this way.
        var listener: (@Sendable () -> Void)?

        var isReady: Bool { !batches.isEmpty || isEnded }
        /// How many events wait that are no gaps.
        var placeCount: Int { count - gapCount }
        /// How many data events wait.
        var pendingCount: Int { count - gapCount - faultCount }

        mutating func takeLeadingGap(at now: Int64) -> Gap? {
            defer { (leadingGap, leadingGapIsOpen) = (nil, false) }
            guard let gap = leadingGap, leadingGapIsOpen else { return leadingGap }
            return Gap(
                reason: gap.reason, fromMilliseconds: gap.fromMilliseconds,
                toMilliseconds: max(gap.toMilliseconds, now), missedCount: gap.missedCount)
        }
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

    /// Makes a buffer that has ended with an error.
    convenience init(endedBy failure: HyperliquidError) {
        self.init(policy: .latest)
        end(failure)
    }

    /// Gives the buffer its reader; `false` if it has one.
    func takeReader() -> Bool {
        state.withLockedValue { state in
            defer { state.hasReader = true }
            return !state.hasReader
        }
    }

    /// Adds the events of one read. Once the buffer has ended, they are only counted, as dropped.
    ///
    /// - Parameter conflatedCount: The number of data events that `batch` has left out already.
    /// - Returns: `false` if the policy is `buffered` and the events do not fit; the caller then ends the buffer.
    package func enqueue(
        _ batch: any _EventBatch, conflatedCount: Int, atMilliseconds now: @autoclosure () -> Int64
    ) -> Bool {
        var listener: (@Sendable () -> Void)?
        let (reader, fits) = unsafe state.withLockedValue { state -> (UnsafeContinuation<Void, Never>?, Bool) in
            state.receivedCount += batch.dataCount + conflatedCount
            state.conflatedCount += conflatedCount
            guard !state.isEnded else {
                state.droppedCount += batch.dataCount
                return (nil, true)
            }
            if state.batches.isEmpty { listener = state.listener }
            switch policy {
            case .latest: Self.conflate(&state, with: batch)
            case .buffered(let limit):
                if state.hasOverflowed || state.placeCount + batch.count - batch.gapCount > limit {
                    state.hasOverflowed = true
                    state.droppedCount += batch.dataCount
                    return (nil, false)
                }
                Self.append(batch, to: &state, limit: limit)
            case .droppingOldest(let limit):
                Self.append(batch, to: &state, limit: limit)
                if state.placeCount > limit { Self.dropOldest(&state, limit: limit, at: now()) }
            }
            return unsafe (state.reader.take(), true)
        }
        unsafe reader?.resume()
        if fits { listener?() }
        return fits
    }

    @inline(__always) private static func append(_ batch: any _EventBatch, to state: inout State, limit: Int) {
        state.batches.append(batch)
        state.count += batch.count
        state.gapCount += batch.gapCount
        state.faultCount += batch.faultCount
        if state.gapCount > limit { joinGaps(&state, limit: limit) }
    }

    /// Makes one gap of those that stand next to each other, if there are many. As each of the others has an event
    /// behind it, their number is then bounded by the limit too.
    @inline(never) private static func joinGaps(_ state: inout State, limit: Int) {
        guard state.gapCount / 2 > limit else { return }
        keep(state.batches[0].joined(from: state.skippedCount, with: Array(state.batches.dropFirst())), &state)
    }

    /// Makes a batch the only one.
    private static func keep(_ batch: any _EventBatch, _ state: inout State) {
        state.batches.removeAll(keepingCapacity: true)
        state.batches.append(batch)
        state.skippedCount = 0
        (state.count, state.gapCount, state.faultCount) = (batch.count, batch.gapCount, batch.faultCount)
    }

    /// Adds a batch by the policy `latest`: keeps only the newest data, but all events that are not data, such as gaps.
    private static func conflate(_ state: inout State, with batch: any _EventBatch) {
        if state.batches.isEmpty, batch.count == 1 { return keep(batch, &state) }
        let (conflated, count) = state.batches.first?.conflated(with: batch) ?? batch.conflated(with: nil)
        state.conflatedCount += count
        keep(conflated, &state)
    }

    private static func dropOldest(_ state: inout State, limit: Int, at now: Int64) {
        while state.placeCount > limit, let first = state.batches.first {
            let dropped = first.drop(
                from: state.skippedCount, placeCount: state.placeCount - limit, into: &state.leadingGap,
                atMilliseconds: now)
            state.count -= dropped.end - state.skippedCount
            state.gapCount -= dropped.gapCount
            state.faultCount -= dropped.faultCount
            state.droppedCount += dropped.dataCount
            if dropped.dataCount > 0 { state.leadingGapIsOpen = true }
            state.skippedCount = dropped.end
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
            state.deliveredCount += state.pendingCount
            if state.skippedCount > 0 || state.leadingGap != nil {
                batches[0] = batches[0].dropping(first: state.skippedCount, gap: state.takeLeadingGap(at: now()))
            }
            state.skippedCount = 0
            (state.count, state.gapCount, state.faultCount) = (0, 0, 0)
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

    package var usage: Subscriber.Usage {
        state.withLockedValue { state in
            var usage = Subscriber.Usage()
            usage.queueDepth = state.count
            usage.receivedCount = state.receivedCount
            usage.deliveredCount = state.deliveredCount
            usage.conflatedCount = state.conflatedCount
            usage.droppedCount = state.droppedCount
            usage.pendingCount = state.pendingCount
            return usage
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
