import Hyperliquid
import NIOCore

extension EventLoop {
    /// Waits until the tasks that prefer this loop have run as far as they can.
    ///
    /// A job from elsewhere goes to the loop, which schedules a drain, which runs it: two turns, in order, behind which
    /// these two come.
    func untilReadersWait() async throws {
        for _ in 0..<2 { try await submit {}.get() }
    }
}

extension HyperliquidClient {
    /// Waits until the tasks that prefer the client's loop have run as far as they can.
    nonisolated func untilReadersWait() async {
        for _ in 0..<2 { _ = await connectionInfo() }
    }
}
