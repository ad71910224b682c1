internal import HyperliquidWire

/// What is subscribed to: each topic once, however many connections have it, and when each is looked at next.
struct StreamTable: Sendable {
    /// A connection that has the topic.
    struct Subscriber: Hashable, Sendable {
        /// What comes late all the same after an unsubscribe.
        struct Late: Hashable, Sendable {
            var count: Int
            /// In the venue's milliseconds.
            let end: Int64
        }

        let id: ExchangeConnectionID
        let number: SubscriptionNumber
        var late: Late?
    }

    /// A topic's place in the market, shared by all who have it.
    struct Stream: Sendable {
        let topic: Topic
        var cursor: StreamCursor
        var subscribers: [Subscriber]
        /// When it may next have something, in the venue's milliseconds.
        var due: Int64
        /// Tells the stream from one that had this place before.
        let number: Int
    }

    /// An appointment; an outdated one is recognised by what the stream says itself.
    private struct Appointment: Hashable, Sendable {
        let due: Int64
        let number: Int
        let place: Int

        static func < (lhs: Appointment, rhs: Appointment) -> Bool { (lhs.due, lhs.number) < (rhs.due, rhs.number) }
    }

    private(set) var streams: [Stream?] = []
    private var freePlaces: [Int] = []
    private var places: [Topic: Int] = [:]
    private var placesByCoin: [Int: [Int]] = [:]
    private var lastNumber = 0
    /// A binary heap, the next appointment first.
    private var heap: [Appointment] = []

    func place(of topic: Topic) -> Int? { places[topic] }

    subscript(place: Int) -> Stream? {
        get { streams[place] }
        _modify { yield &streams[place] }
    }

    /// Opens a stream for its first subscriber.
    mutating func open(_ topic: Topic, cursor: StreamCursor, subscriber: Subscriber, due: Int64) {
        lastNumber += 1
        let stream = Stream(
            topic: topic, cursor: cursor, subscribers: [subscriber], due: due, number: lastNumber)
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
            streams[place] = stream
        } else {
            place = streams.count
            streams.append(stream)
        }
        places[topic] = place
        if let coin = topic.coin { placesByCoin[coin, default: []].append(place) }
        push(Appointment(due: due, number: lastNumber, place: place))
    }

    /// Closes a stream that nobody has any more.
    mutating func close(_ place: Int) {
        guard let stream = streams[place] else { return }
        places[stream.topic] = nil
        if let coin = stream.topic.coin { placesByCoin[coin]?.removeAll { $0 == place } }
        streams[place] = nil
        freePlaces.append(place)
    }

    // MARK: Appointments

    /// Looks at a stream again at another time.
    mutating func schedule(_ place: Int, at due: Int64) {
        guard let number = streams[place]?.number, streams[place]?.due != due else { return }
        streams[place]?.due = due
        push(Appointment(due: due, number: number, place: place))
    }

    /// Something happened to a coin outside its own time: all that show it are looked at.
    mutating func wake(coin: Int, at time: Int64) {
        for place in placesByCoin[coin] ?? [] where streams[place].map({ $0.due > time }) ?? false {
            schedule(place, at: time)
        }
    }

    /// The place of the next stream that is due; the caller gives it another time.
    mutating func popDue(_ time: Int64) -> Int? {
        while let first = heap.first, first.due <= time {
            popFirst()
            if isValid(first) { return first.place }
        }
        return nil
    }

    /// When the next stream is due.
    var nextDue: Int64? { heap.first?.due }

    private func isValid(_ appointment: Appointment) -> Bool {
        guard let stream = streams[appointment.place] else { return false }
        return stream.number == appointment.number && stream.due == appointment.due
    }

    private mutating func push(_ appointment: Appointment) {
        // A stream that has nothing to wait for is woken by what happens, if anything does.
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
