internal import NIOConcurrencyHelpers

/// The task that waits for something to read, if one does. Part of a state that a lock guards.
@safe struct ReaderContinuation {
    // Resumed by whoever takes it out of here, and so once; a checked one costs an allocation a wake-up.
    private var continuation: UnsafeContinuation<Void, Never>?
    /// Whether the task was cancelled while it was about to wait.
    private var isCancelled = false

    /// The task, for its waker.
    mutating func take() -> UnsafeContinuation<Void, Never>? { unsafe continuation.take() }

    /// Whether the task waits now; otherwise it goes on at once.
    fileprivate mutating func wait(_ continuation: UnsafeContinuation<Void, Never>, unless isReady: Bool) -> Bool {
        let wasCancelled = isCancelled
        isCancelled = false
        if isReady || wasCancelled { return false }
        precondition(unsafe self.continuation == nil, "a subscription is read by one task")
        unsafe self.continuation = continuation
        return true
    }

    /// The cancelled task, to be woken. It may have been cancelled before it waits.
    fileprivate mutating func cancel() -> UnsafeContinuation<Void, Never>? {
        isCancelled = unsafe continuation == nil
        return unsafe continuation.take()
    }
}

/// A state that one task reads, and for whose next change it may wait.
protocol ReadableState: Sendable {
    var reader: ReaderContinuation { get set }
    /// Whether there is something to read, be it the end.
    var isReady: Bool { get }
}

extension NIOLockedValueBox where Value: ReadableState {
    /// Waits until something is there, or the task is cancelled.
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
