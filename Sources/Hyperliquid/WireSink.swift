package import HyperliquidEngine

/// Where the messages of one wire subscription go: its hubs, one a feed type, and its counters.
/// Bound to the client's loop.
@safe package final class WireSink {
    let id: WireID
    let request: FeedRequest
    let traits: FeedTraits
    let routeKey: RouteKey
    private(set) var hubs: [AnyHub] = []
    /// The hub, if there is just one: nearly always. Owned by `hubs`, and by the queue once it has left.
    private var onlyHub: Unmanaged<AnyHub>?
    private let queue: FlushQueue
    /// Unchecked: no access to it calls anything else.
    @exclusivity(unchecked) private var counted = Traffic()
    var traffic: Traffic { unsafe counted }
    /// What was wrong with the last message that could not be read.
    private(set) var fault: DecodingFault?
    /// Whether every hub can tell another subscription's message from its own once it is decoded.
    private(set) var verifiesKey = true
    /// When the engine is next told that it ticks; never, if it may rightly be silent.
    var nextReport: Instant
    /// Whether its first message since it was asked for is still to come.
    var awaitsFirst = false
    /// The links that carry it: one, or two while it moves.
    private var links: [LinkID] = []
    /// When it was asked for or its last message came: a gap begins there.
    private(set) var lastHeardMilliseconds: Int64
    /// When it was asked for last.
    private var askedMilliseconds: Int64

    package init(id: WireID, request: FeedRequest, traits: FeedTraits, queue: FlushQueue, atMilliseconds now: Int64) {
        self.id = id
        self.queue = queue
        self.request = request
        self.traits = traits
        routeKey = RouteKey(traits.routeKey)
        let ticks = traits.snapshot == .everyMessage && request.user == nil
        nextReport = Instant(nanoseconds: ticks ? .min : .max)
        lastHeardMilliseconds = now
        askedMilliseconds = now
    }

    /// The hub of a feed type; made when nobody asked for this type yet.
    func hub<F: Feed>(for feed: F) -> FeedHub<F> {
        for case let typed as TypedHub<F> in hubs { return typed.hub }
        let typed = TypedHub(FeedHub(feed: feed))
        typed.subscribed(atMilliseconds: askedMilliseconds)
        hubs.append(typed)
        hubsChanged()
        return typed.hub
    }

    func removeEmptyHubs() {
        for hub in hubs where hub.isEmpty { queue.retire(hub) }
        hubs.removeAll { $0.isEmpty }
        hubsChanged()
    }

    private func hubsChanged() {
        unsafe onlyHub = hubs.count == 1 ? Unmanaged.passUnretained(hubs[0]) : nil
        verifiesKey = traits.routeKey.isEmpty || hubs.allSatisfy(\.verifiesKey)
    }

    func subscribed(atMilliseconds now: Int64) {
        askedMilliseconds = now
        for hub in hubs { hub.subscribed(atMilliseconds: now) }
    }

    func announce(_ gap: Gap) {
        unsafe counted.gapCount += 1
        for hub in hubs { hub.announce(gap) }
    }

    /// A link carries it from now on, or no longer does. While none does, what is cached grows old.
    func attach(_ link: LinkID) {
        awaitsFirst = true
        links.append(link)
    }

    func detach(_ link: LinkID) {
        links.removeAll { $0 == link }
        if links.isEmpty { for hub in hubs { hub.forgetState() } }
    }

    /// Whether nothing can be made of what comes until it is asked for again.
    var hasLostBase: Bool { hubs.contains { $0.hasLostBase } }

    /// Decodes a message for each feed type and hands it to the subscribers.
    func receive(_ reader: inout MessageReader, at now: Int64) -> PumpOutcome {
        let outcome = pump(&reader, at: now)
        guard outcome != .notMine else { return outcome }
        unsafe counted.count(byteCount: reader.byteCount, atMilliseconds: now)
        lastHeardMilliseconds = now
        return outcome
    }

    /// Nearly always there is one feed type.
    @inline(__always) private func pump(_ reader: inout MessageReader, at now: Int64) -> PumpOutcome {
        guard let onlyHub = unsafe onlyHub else { return pumpAll(&reader, at: now) }
        let outcome = unsafe onlyHub._withUnsafeGuaranteedRef { $0.pump(&reader) }
        if outcome == .fault { announceFault(of: hubs, at: now) }
        return outcome
    }

    private func pumpAll(_ reader: inout MessageReader, at now: Int64) -> PumpOutcome {
        var faulty: [AnyHub] = []
        let start = reader
        for hub in hubs {
            reader = start
            switch hub.pump(&reader) {
            case .delivered: break
            case .notMine: return .notMine
            case .fault: faulty.append(hub)
            }
        }
        if !faulty.isEmpty { announceFault(of: faulty, at: now) }
        return faulty.isEmpty ? .delivered : .fault
    }

    private func announceFault(of faulty: [AnyHub], at now: Int64) {
        unsafe counted.undecodableCount += 1
        fault = faulty.last?.fault
        for hub in faulty where hub.announceFault(fromMilliseconds: lastHeardMilliseconds, toMilliseconds: now) {
            unsafe counted.gapCount += 1
        }
    }
}

/// What a wire subscription has brought.
struct Traffic {
    private(set) var messageCount = 0
    private(set) var byteCount = 0
    private(set) var lastMessageMilliseconds: Int64?
    var gapCount = 0
    var undecodableCount = 0
    /// Messages in each of the 59 seconds before the current one.
    private var seconds: [UInt32] = Array(repeating: 0, count: 60)
    private var currentSecond: Int64 = 0
    private var currentCount: UInt32 = 0
    private var nextSecondMilliseconds: Int64 = 0

    @inline(__always) mutating func count(byteCount bytes: Int, atMilliseconds now: Int64) {
        messageCount &+= 1
        byteCount &+= bytes
        lastMessageMilliseconds = now
        // Counted apart from the array: no division and no look at who else holds it, for each message.
        if UInt64(bitPattern: nextSecondMilliseconds &- now &- 1) >= 1000 { advance(to: now / 1000) }
        currentCount &+= 1
    }

    private mutating func advance(to second: Int64) {
        seconds[Int(currentSecond % 60)] = currentCount
        // A clock that was set back only makes the last minute's figure young again.
        let steps = second > currentSecond ? min(second - currentSecond, 60) : 60
        for step in 0..<steps { seconds[Int((second - step) % 60)] = 0 }
        currentSecond = second
        currentCount = 0
        nextSecondMilliseconds = (second + 1) * 1000
    }

    /// How many messages came in the 60 s before `now`.
    func lastMinuteCount(atMilliseconds now: Int64) -> Int {
        let second = now / 1000
        guard second - currentSecond < 60, second >= currentSecond else { return 0 }
        let earlier = (1..<60).prefix(Int(59 - (second - currentSecond)))
        return earlier.reduce(Int(currentCount)) { $0 + Int(seconds[Int((currentSecond - Int64($1)) % 60)]) }
    }
}

/// A hub whose feed type is hidden.
class AnyHub {
    var isEmpty: Bool { true }
    var verifiesKey: Bool { false }
    var hasLostBase: Bool { false }
    var fault: DecodingFault? { nil }
    func subscribed(atMilliseconds now: Int64) {}
    func announce(_ gap: Gap) {}
    func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool { false }
    func forgetState() {}
    func pump(_ reader: inout MessageReader) -> PumpOutcome { .delivered }
}

/// The one place where a message meets its feed's type; the work is in `F.pump`, compiled with the feed.
final class TypedHub<F: Feed>: AnyHub {
    let hub: FeedHub<F>

    init(_ hub: FeedHub<F>) {
        self.hub = hub
    }

    override var isEmpty: Bool { hub.isEmpty }
    override var verifiesKey: Bool { F.verifiesKey }
    override var hasLostBase: Bool { hub.hasLostBase }
    override var fault: DecodingFault? { hub.fault }
    override func subscribed(atMilliseconds now: Int64) { hub.subscribed(atMilliseconds: now) }
    override func announce(_ gap: Gap) { hub.announce(gap) }
    override func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool {
        hub.announceFault(fromMilliseconds: fromMilliseconds, toMilliseconds: toMilliseconds)
    }
    override func forgetState() { hub.forgetState() }
    override func pump(_ reader: inout MessageReader) -> PumpOutcome { F.pump(&reader, into: hub) }
}
