internal import HyperliquidEngine
internal import NIOConcurrencyHelpers
internal import NIOCore

/// The rate limiter that all clients of one network in this process share: the venue's limits apply to an IP address, not
/// to a client. Bound to the loop that the clients share.
///
/// It is kept for the process's life, because the venue goes on counting dials and messages after the end of a client.
final class SharedRateLimiter {
    private struct Member {
        weak var runtime: ClientRuntime?
    }

    /// The limiter of one network, and the limits that it was made with.
    private struct Entry {
        let limits: VenueLimits
        let limiter: NIOLoopBoundBox<SharedRateLimiter>
    }

    private static let entries = NIOLockedValueBox<[[String]: Entry]>([:])

    /// The context of the present turn, whichever client it belongs to, with the rate limiter that all clients share.
    var turn: Turn
    private var members: [Member] = []

    private init(limits: VenueLimits) {
        turn = Turn(limits: limits)
    }

    /// The rate limiter of the network, made for its first client. May be called on any thread.
    /// - Throws: ``HyperliquidError``, code `invalidConfiguration`, if it was made with other limits.
    static func of(
        _ network: HyperliquidNetwork, limits: VenueLimits, eventLoop: any EventLoop
    ) throws(HyperliquidError) -> NIOLoopBoundBox<SharedRateLimiter> {
        let entry = entries.withLockedValue { entries in
            let key = [network.api, network.explorer]
            if let entry = entries[key] { return entry }
            let limiter = NIOLoopBoundBox.makeBoxSendingValue(SharedRateLimiter(limits: limits), eventLoop: eventLoop)
            let entry = Entry(limits: limits, limiter: limiter)
            entries[key] = entry
            return entry
        }
        guard entry.limits == limits else {
            let differences = limits.differences(from: entry.limits)
            throw HyperliquidError(
                code: .invalidConfiguration,
                message:
                    "limits: this client has \(differences.ours), but the first client of \(network) in this process "
                    + "has \(differences.theirs); the venue counts them together, so use the same limits for all")
        }
        return entry.limiter
    }

    /// Adds a client, which ``work(of:_:)`` wakes when another client has changed the rate limiter.
    func join(_ runtime: ClientRuntime) {
        members.removeAll { $0.runtime == nil }
        members.append(Member(runtime: runtime))
    }

    /// Removes a client.
    func leave(_ runtime: ClientRuntime) {
        members.removeAll { $0.runtime == nil || $0.runtime === runtime }
    }

    /// Calls `body`, in which one client works. Wakes the others if that changed what they may do, or must yield.
    func work(of runtime: ClientRuntime, _ body: () -> Void) {
        guard members.count > 1 else { return body() }
        let before = turn.limiter.changeCount
        body()
        guard turn.limiter.changeCount > before else { return }
        for member in members {
            guard let other = member.runtime, other !== runtime else { continue }
            other.eventLoop.assumeIsolated().execute { other.wake() }
        }
    }
}

extension VenueLimits {
    /// The fields that differ from `other`'s, with both values, as text.
    fileprivate func differences(from other: VenueLimits) -> (ours: String, theirs: String) {
        let fields = zip(described, other.described).filter { $0.0 != $0.1 }
        return (fields.map(\.0).joined(separator: ", "), fields.map(\.1).joined(separator: ", "))
    }

    private var described: [String] {
        [
            "connections \(connections)", "dialsPerMinute \(dialsPerMinute)",
            "subscriptions \(subscriptions)", "users \(users)",
            "usersPerConnection \(usersPerConnection.map(String.init) ?? "nil")",
            "subscriptionsPerConnection \(subscriptionsPerConnection.map(String.init) ?? "nil")",
            "userLinger \(userLinger)", "messagesPerMinute \(messagesPerMinute)",
            "messagesPerSecond \(messagesPerSecond)", "requestWeightPerMinute \(requestWeightPerMinute)",
            "postsInFlight \(postsInFlight)",
        ]
    }
}
