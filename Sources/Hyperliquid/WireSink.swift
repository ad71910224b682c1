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
    var awaitsFirst = false { didSet { noteCare() } }
    /// What both links bring while it moves, where the feed repeats nothing.
    private var handover: Handover? { didSet { noteCare() } }
    /// Whether something is to be looked at before its next message is delivered.
    private(set) var needsCare = false
    /// The links that carry it: one, or two while it moves.
    private(set) var links: [LinkID] = []
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
        unsafe counted.totals.gapCount += 1
        for hub in hubs { hub.announce(gap) }
    }

    /// A link carries it from now on, or no longer does. While none does, what is cached grows old.
    func attach(_ link: LinkID) {
        awaitsFirst = true
        links.append(link)
    }

    func detach(_ link: LinkID) {
        links.removeAll { $0 == link }
        guard links.isEmpty else { return }
        handover = nil
        for hub in hubs { hub.forgetState() }
    }

    func beginHandover(from link: LinkID) {
        handover = Handover(from: link, isDistinct: traits.hasDistinctMessages)
    }

    func cancelHandover() { handover = nil }

    /// Whether a message is to be delivered now, rather than later or never.
    func admits(_ reader: borrowing MessageReader, from link: LinkID, at now: Instant) -> Bool {
        handover?.arrived(reader.message, on: link, at: now) ?? true
    }

    private func noteCare() { needsCare = awaitsFirst || handover?.isOver == false }

    /// What has waited for the end of the link that it leaves.
    func endHandover(isLost: Bool, at now: Instant, patience: Duration) -> Handover.Remainder? {
        handover?.oldEnded(isLost: isLost, at: now, patience: patience)
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
        unsafe counted.totals.undecodableCount += 1
        fault = faulty.last?.fault
        for hub in faulty where hub.announceFault(fromMilliseconds: lastHeardMilliseconds, toMilliseconds: now) {
            unsafe counted.totals.gapCount += 1
        }
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
