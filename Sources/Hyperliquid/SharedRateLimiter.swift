internal import HyperliquidEngine
internal import NIOConcurrencyHelpers
internal import NIOCore

/// What all clients of one network in this process spend together: the venue counts an IP address, not a client.
/// Bound to the loop that they share.
final class SharedRateLimiter {
    /// The surroundings of the turn of whichever client is at work, with the limiter that all share.
    var turn: Turn
    private var members: [Member] = []

    private struct Member {
        weak var core: ClientCore?
    }

    private init(limits: VenueLimits) {
        turn = Turn(limits: limits)
    }

    /// By the network's addresses. Kept for the process's life: the venue remembers dials and messages too.
    private static let all = NIOLockedValueBox<[[String]: NIOLoopBound<SharedRateLimiter>]>([:])

    /// The network's rate limiter, joined by `core`. The limits of the network's first client count.
    static func joined(by core: ClientCore, limits: VenueLimits) -> SharedRateLimiter {
        let shared = all.withLockedValue { all in
            let key = [core.network.api, core.network.explorer]
            if let known = all[key] { return known }
            let made = NIOLoopBound(SharedRateLimiter(limits: limits), eventLoop: core.eventLoop)
            all[key] = made
            return made
        }.value
        shared.members.removeAll { $0.core == nil }
        shared.members.append(Member(core: core))
        return shared
    }

    /// Runs a step of one client and wakes the others when it gave something back, or seeks what they may give.
    func step(of core: ClientCore, _ body: () -> Void) {
        guard members.count > 1 else { return body() }
        let before = turn.limiter.changeCount
        body()
        guard turn.limiter.changeCount > before else { return }
        for member in members {
            guard let other = member.core, other !== core else { continue }
            other.eventLoop.assumeIsolated().execute { other.wake() }
        }
    }

    func leave(_ core: ClientCore) {
        members.removeAll { $0.core == nil || $0.core === core }
    }
}
