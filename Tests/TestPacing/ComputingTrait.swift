import Dispatch
package import Testing

/// Runs tests that compute for seconds on a thread of their own, one at a time.
///
/// On the threads of the other tests, they would delay those with time limits by seconds.
package struct ComputingTrait: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> ComputingTrait? { testCase == nil ? nil : self }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ComputingThread.shared) { try await function() }
    }
}

extension Trait where Self == ComputingTrait {
    /// The test computes for seconds without a pause.
    package static var computing: ComputingTrait { ComputingTrait() }
}

private final class ComputingThread: TaskExecutor {
    static let shared = ComputingThread()

    private let queue = DispatchQueue(label: "computing tests")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedTaskExecutor()
        queue.async { unsafe job.runSynchronously(on: executor) }
    }
}
