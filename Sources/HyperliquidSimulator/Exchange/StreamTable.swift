internal import HyperliquidWire

/// The subscribed topics, each with one stream for all its connections, and the times at which the streams are looked
/// at next.
struct StreamTable: Sendable {
    /// A connection that is subscribed to a topic.
    struct Subscriber: Hashable, Sendable {
        /// The messages that are still sent after an unsubscribe.
        struct Late: Hashable, Sendable {
            var count: Int
            /// The time until which late messages are sent, in the venue's milliseconds.
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
        /// When the stream may next have a message, in the venue's milliseconds.
        fileprivate var due: Int64
        /// Distinguishes the stream from earlier ones at the same index.
        fileprivate let number: Int
    }

    /// A time at which a stream is looked at. Stale once the stream has another time, or is closed.
    private struct Appointment: Comparable, Hashable, Sendable {
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
    private var appointments = Heap<Appointment>()

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
        insert(Appointment(due: due, number: lastNumber, index: index))
    }

    private mutating func close(_ index: Int) {
        guard let stream = streams[index] else { return }
        indices[stream.topic] = nil
        if let coin = stream.topic.coin { indicesByCoin[coin]?.removeAll { $0 == index } }
        streams[index] = nil
        freeIndices.append(index)
    }

    // MARK: Subscribers

    /// The number of a connection's subscription; `nil` if there is none, or if only late messages are still to come.
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

    /// Changes the late messages that are still to be sent, and removes the subscribers for which `isKept` returns
    /// `false`.
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

    /// Sets the time at which a stream is looked at next.
    mutating func schedule(_ index: Int, at due: Int64) {
        guard let number = streams[index]?.number, streams[index]?.due != due else { return }
        streams[index]?.due = due
        insert(Appointment(due: due, number: number, index: index))
    }

    /// Makes all streams of a coin due at `time`, because the coin has changed outside of its own schedule.
    mutating func wake(coin: Int, at time: Int64) {
        for index in indicesByCoin[coin] ?? [] where streams[index].map({ $0.due > time }) ?? false {
            schedule(index, at: time)
        }
    }

    /// Returns the index of a stream that is due. The caller schedules the stream again.
    mutating func popDue(_ time: Int64) -> Int? {
        while let first = appointments.first, first.due <= time {
            _ = appointments.popFirst()
            if isCurrent(first) { return first.index }
        }
        return nil
    }

    /// The time of the first appointment, in the venue's milliseconds. It may be stale.
    var nextDue: Int64? { appointments.first?.due }

    private func isCurrent(_ appointment: Appointment) -> Bool {
        guard let stream = streams[appointment.index] else { return false }
        return stream.number == appointment.number && stream.due == appointment.due
    }

    private mutating func insert(_ appointment: Appointment) {
        // A stream without a time of its own is woken through its coin, if at all.
        guard appointment.due < .max else { return }
        appointments.insert(appointment)
    }
}
