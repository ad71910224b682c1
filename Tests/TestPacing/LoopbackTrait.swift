package import Testing

/// Lets few tests over loopback run at once.
///
/// Clients and venues have time limits of seconds. If hundreds of tests ran at once, a slow machine would exceed them.
package struct LoopbackTrait: SuiteTrait, TestTrait, TestScoping {
    /// How many of the test places a test takes.
    let placeCount: Int

    package var isRecursive: Bool { true }

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> LoopbackTrait? { testCase == nil ? nil : self }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await TestPlaces.shared.take(placeCount)
        do {
            try await function()
        } catch {
            await TestPlaces.shared.giveBack(placeCount)
            throw error
        }
        await TestPlaces.shared.giveBack(placeCount)
    }
}

extension Trait where Self == LoopbackTrait {
    /// The test runs beside at most five others of this kind.
    package static var overLoopback: LoopbackTrait { LoopbackTrait(placeCount: 1) }

    /// The test loads the machine, so that only two small ones run beside it.
    package static var heavyOverLoopback: LoopbackTrait { LoopbackTrait(placeCount: 4) }
}

/// The places for tests over loopback; a test that finds too few free ones waits its turn.
private actor TestPlaces {
    static let shared = TestPlaces()
    static let count = 6

    private var freeCount = TestPlaces.count
    private var waiting: [(placeCount: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func take(_ placeCount: Int) async {
        if waiting.isEmpty, freeCount >= placeCount {
            freeCount -= placeCount
            return
        }
        await withCheckedContinuation { waiting.append((placeCount, $0)) }
    }

    func giveBack(_ placeCount: Int) {
        freeCount += placeCount
        while let first = waiting.first, freeCount >= first.placeCount {
            freeCount -= first.placeCount
            waiting.removeFirst().continuation.resume()
        }
    }
}
