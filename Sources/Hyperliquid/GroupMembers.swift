internal import NIOConcurrencyHelpers

/// One subscription of a group, its feed's type hidden.
@usableFromInline final class GroupMember: Sendable {
    @usableFromInline let id: SubscriptionID
    /// A `FeedBox` of the group's feed type.
    @usableFromInline let feed: any AnyObject & Sendable
    let buffer: EventBuffer
    let lease: SubscriptionLease

    init<F: Feed>(_ subscription: Subscription<F>) {
        id = subscription.id
        feed = FeedBox(subscription.feed)
        buffer = subscription.buffer
        lease = subscription.leaseForReader()
    }
}

@usableFromInline final class FeedBox<F: Feed>: Sendable {
    @usableFromInline let feed: F

    init(_ feed: F) {
        self.feed = feed
    }
}

/// A group's members, and which of them have something for its reader.
final class GroupMembers: Sendable {
    private struct State: ReadableState {
        var all: [ObjectIdentifier: GroupMember] = [:]
        var ready: [GroupMember] = []
        /// Whether there were members and none is left.
        var isOver = false
        /// Whether the reader has left: who still comes is sent away.
        var isClosed = false
        var reader = ReaderContinuation()

        var isReady: Bool { !ready.isEmpty || isOver }
    }

    private let state = NIOLockedValueBox(State())

    func add(_ member: GroupMember) {
        let isClosed = state.withLockedValue { state in
            if state.isClosed { return true }
            state.all[ObjectIdentifier(member)] = member
            state.isOver = false
            return false
        }
        if isClosed { return member.lease.giveUp() }
        // A circle of references, which lasts until the member leaves.
        member.buffer.listen { self.arrived(member) }
    }

    private func arrived(_ member: GroupMember) {
        let reader = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
            guard !state.isClosed else { return nil }
            state.ready.append(member)
            return unsafe state.reader.take()
        }
        unsafe reader?.resume()
    }

    /// Takes those that have something into an empty array, in exchange for its room; false when nobody is left.
    func take(into ready: inout [GroupMember]) -> Bool {
        state.withLockedValue { state in
            swap(&ready, &state.ready)
            return !state.isOver
        }
    }

    func wait() async { await state.waitUntilReady() }

    /// Forgets a member that has ended.
    func remove(_ member: GroupMember) {
        member.buffer.stopListening()
        state.withLockedValue {
            $0.all[ObjectIdentifier(member)] = nil
            $0.isOver = $0.all.isEmpty
        }
    }

    /// Unsubscribes all.
    func giveUp() {
        let left = state.withLockedValue { state in
            (state.isClosed, state.isOver, state.ready) = (true, true, [])
            defer { state.all = [:] }
            return state.all.values
        }
        for member in left {
            member.buffer.stopListening()
            member.lease.giveUp()
        }
    }
}

/// Reads a group batch by batch, whatever their events are.
@usableFromInline struct GroupReader {
    /// What one member has for the reader: a batch, or its end.
    @usableFromInline struct Taken {
        @usableFromInline let member: GroupMember
        @usableFromInline let batch: (any _EventBatch)?
        @usableFromInline let failure: HyperliquidError?
    }

    /// The iterator's hold on its group: its end unsubscribes, though the group may still be held.
    private final class Hold {
        private let members: GroupMembers
        private let group: AnyObject

        init(_ members: GroupMembers, _ group: AnyObject) {
            self.members = members
            self.group = group
        }

        deinit { members.giveUp() }
    }

    private let members: GroupMembers
    private let hold: Hold
    private var ready: [GroupMember] = []
    /// How many of those that were ready have been asked.
    private var readyPosition = 0
    private var waiting: [any _EventBatch] = []
    private var position = 0

    init(_ members: GroupMembers, group: AnyObject) {
        self.members = members
        hold = Hold(members, group)
    }

    /// What the next member has of what was taken; nothing when all of it has been read. Not asynchronous: after each
    /// call that is, its caller looks whether it is where it belongs.
    @usableFromInline mutating func take() -> Taken? {
        while true {
            if position < waiting.count {
                position += 1
                return Taken(member: ready[readyPosition - 1], batch: waiting[position - 1], failure: nil)
            }
            if position > 0 { waiting.removeAll(keepingCapacity: waiting.capacity <= BatchReader.keptCapacity) }
            position = 0
            guard readyPosition < ready.count else { return nil }
            readyPosition += 1
            let member = ready[readyPosition - 1]
            let taken = member.buffer.take(into: &waiting, atMilliseconds: WallClock.milliseconds)
            guard case .ended(let failure) = taken else { continue }
            members.remove(member)
            return Taken(member: member, batch: nil, failure: failure)
        }
    }

    /// Waits until members have something, and takes it; false at the end. On its caller's executor, as ``BatchReader``.
    @usableFromInline nonisolated(nonsending) mutating func refill() async -> Bool {
        // What has been read is not held while nothing comes.
        ready.removeAll(keepingCapacity: true)
        readyPosition = 0
        while true {
            // Asked before anything is taken: busy feeds always have something.
            if Task.isCancelled {
                members.giveUp()
                return false
            }
            let isOver = !members.take(into: &ready)
            if !ready.isEmpty { return true }
            if isOver { return false }
            await members.wait()
        }
    }
}
