import NIOConcurrencyHelpers

/// Elements that have arrived and not been taken, in order. It is for one reader, which waits for the element it needs.
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

    /// Waits for the next element. Throws when the test's time limit is over.
    func next() async throws -> Element {
        while true {
            let element = state.withLockedValue { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
            if let element { return element }
            try Task.checkCancellation()
            await wait()
        }
    }

    /// Waits for the next element for which `transform` returns a value; earlier elements are dropped.
    func first<Result>(_ transform: (Element) throws -> Result?) async throws -> Result {
        while true {
            if let result = try transform(try await next()) { return result }
        }
    }

    /// The elements that are there now.
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
