internal import NIOCore

/// Counts the calls of one callback that held up the client's loop.
struct SlowCalls: Sendable {
    /// A call that takes so long has delayed thousands of messages of a busy feed.
    static let thresholdNanoseconds: Int64 = 10_000_000

    private let box: NIOLoopBoundBox<Int>

    /// Must be called on the client's loop, as everything of it.
    init(_ eventLoop: any EventLoop) {
        box = NIOLoopBoundBox(0, eventLoop: eventLoop)
    }

    func add() { box.value += 1 }

    var count: Int { box.value }
}
