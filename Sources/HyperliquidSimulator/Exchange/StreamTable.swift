internal import HyperliquidWire

/// The topics that are subscribed to, each once however many connections have it, and when each is looked at next.
struct StreamTable: Sendable {
    /// A connection that has the topic.
    struct Subscriber: Hashable, Sendable {
        /// The messages that still arrive after an unsubscribe.
        struct Late: Hashable, Sendable {
            var count: Int
            /// The end of their time, in the venue's milliseconds.
            let end: Int64
        }

        let id: Exchange.ConnectionID
        let number: SubscriptionNumber
        var late: Late?
    }

    /// A topic's position in the market, shared by its subscribers.
    struct Stream: Sendable {
        let topic: Topic
        var cursor: StreamCursor
        fileprivate(set) var subscribers: [Subscriber]
        /// When it may next have a message, in the venue's milliseconds.
        fileprivate var due: Int64
        /// Distinguishes the stream from earlier ones at the same index.
        fileprivate let number: Int
    }

    /// A time at which a stream is looked at. Stale once the stream has another time, or is gone.
    private struct Appointment: Hashable, Sendable {
        let due: Int64
        let number: Int
        let index: Int

        static func < (lhs: Appointment, rhs: Appointment) -> Bool { (lhs.due, lhs.number) < (rhs.due, rhs.number) }
    }

    private var streams: [Stream?] = []
    private var freeIndices: [Int] = []
    private var indices: [Topic: Int] = [:]
    private var indicesByCoin: [Int: [Int]] = [:]
    private var lastNumber = 0
    /// A binary heap, the earliest appointment first.
    private var heap: [Appointment] = []

    func index(of topic: Topic) -> Int? { indices[topic] }

    subscript(index: Int) -> Stream? {
        get { streams[index] }
        _modify { yield &streams[index] }
    }

    /// Opens a stream for its first subscriber.
    mutating func open(_ topic: Topic, cursor: StreamCursor, subscriber: Subscriber, due: Int64) {
        lastNumber += 1
        let stream = Stream(
            topic: topic, cursor: cursor, subscribers: [subscriber], due: due, number: lastNumber)
        let index: Int
        if let free = freeIndices.popLast() {
            index = free
            streams[index] = stream
        } else {
            index = streams.count
            streams.append(stream)
        }
        indices[topic] = index
        if let coin = topic.coin { indicesByCoin[coin, default: []].append(index) }
        push(Appointment(due: due, number: lastNumber, index: index))
    }

    private mutating func close(_ index: Int) {
        guard let stream = streams[index] else { return }
        indices[stream.topic] = nil
        if let coin = stream.topic.coin { indicesByCoin[coin]?.removeAll { $0 == index } }
        streams[index] = nil
        freeIndices.append(index)
    }

    // MARK: Subscribers

    /// The number of a connection's subscription; `nil` if it has none, or only late messages to come.
    func number(of topic: Topic, on id: Exchange.ConnectionID) -> SubscriptionNumber? {
        indices[topic].flatMap { streams[$0]?.subscribers.first { $0.id == id && $0.late == nil }?.number }
    }

    /// Adds a subscriber to an open stream. Messages that would still come late on its connection are cancelled.
    mutating func join(_ index: Int, _ subscriber: Subscriber) {
        streams[index]?.subscribers.removeAll { $0.id == subscriber.id }
        streams[index]?.subscribers.append(subscriber)
    }

    /// Removes a subscriber, or marks it as one that only gets some late messages.
    mutating func leave(_ topic: Topic, _ id: Exchange.ConnectionID, late: Subscriber.Late? = nil) {
        guard let index = indices[topic] else { return }
        keepSubscribers(index) { subscriber in
            guard subscriber.id == id else { return subscriber }
            return late.map { Subscriber(id: id, number: subscriber.number, late: $0) }
        }
    }

    /// Counts a message of the stream towards the late messages of subscribers that have left.
    mutating func countLateMessage(_ index: Int) {
        changeLate(index) { late in
            late.count -= 1
            return late.count > 0
        }
    }

    /// Removes subscribers whose time for late messages is over.
    mutating func endLateMessages(_ index: Int, at time: Int64) {
        changeLate(index) { $0.end >= time }
    }

    /// Changes what is left of late messages, and removes the subscribers for which `isKept` returns `false`.
    private mutating func changeLate(_ index: Int, _ isKept: (inout Subscriber.Late) -> Bool) {
        guard let stream = streams[index], stream.subscribers.contains(where: { $0.late != nil }) else { return }
        keepSubscribers(index) { subscriber in
            guard var late = subscriber.late else { return subscriber }
            let stays = isKept(&late)
            return stays ? Subscriber(id: subscriber.id, number: subscriber.number, late: late) : nil
        }
    }

    /// Replaces the subscribers, and closes the stream if none is left.
    private mutating func keepSubscribers(_ index: Int, _ kept: (Subscriber) -> Subscriber?) {
        guard let left = streams[index]?.subscribers.compactMap(kept) else { return }
        streams[index]?.subscribers = left
        if left.isEmpty { close(index) }
    }

    // MARK: Appointments

    /// Gives a stream another time at which it is looked at.
    mutating func schedule(_ index: Int, at due: Int64) {
        guard let number = streams[index]?.number, streams[index]?.due != due else { return }
        streams[index]?.due = due
        push(Appointment(due: due, number: number, index: index))
    }

    /// Has all streams of a coin looked at by `time`, because the coin changed outside its own schedule.
    mutating func wake(coin: Int, at time: Int64) {
        for index in indicesByCoin[coin] ?? [] where streams[index].map({ $0.due > time }) ?? false {
            schedule(index, at: time)
        }
    }

    /// Returns the index of a stream that is due. The caller schedules the stream again.
    mutating func popDue(_ time: Int64) -> Int? {
        while let first = heap.first, first.due <= time {
            popFirst()
            if isCurrent(first) { return first.index }
        }
        return nil
    }

    /// The time of the first appointment, in the venue's milliseconds. It may be stale.
    var nextDue: Int64? { heap.first?.due }

    private func isCurrent(_ appointment: Appointment) -> Bool {
        guard let stream = streams[appointment.index] else { return false }
        return stream.number == appointment.number && stream.due == appointment.due
    }

    private mutating func push(_ appointment: Appointment) {
        // A stream without a time of its own is woken through its coin, if at all.
        guard appointment.due < .max else { return }
        heap.append(appointment)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func popFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
