import NIOConcurrencyHelpers

/// What arrived and is not yet taken, in order. For one reader, who waits for the very thing.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    func put(_ element: Element) {
        let waiter = state.withLockedValue { state in
            state.elements.append(element)
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// The next element; waits for it. Throws when the test's time is over.
    func next() async throws -> Element {
        while true {
            let element = state.withLockedValue { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
            if let element { return element }
            try Task.checkCancellation()
            await wait()
        }
    }

    /// The next element for which `transform` gives something; what comes before it is dropped.
    func first<Result>(_ transform: (Element) throws -> Result?) async throws -> Result {
        while true {
            if let result = try transform(try await next()) { return result }
        }
    }

    /// What is there now.
    func takeAll() -> [Element] {
        state.withLockedValue { state in
            defer { state.elements = [] }
            return state.elements
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLockedValue { state in
                    if !state.elements.isEmpty || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiter.take() }?.resume()
        }
    }
}
