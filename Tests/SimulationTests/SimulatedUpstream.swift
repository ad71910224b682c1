import HyperliquidEngine
import HyperliquidWire

/// Where the messages of a upstream subscription end, and whether each is the right one.
struct SimulatedUpstream {
    let request: FeedRequest
    let channel: ChannelKey
    let key: RouteKey
    /// Whether its first message since it was asked for is still to come.
    var awaitsFirst = false
    /// The last message that came; before the first, where it is expected.
    private(set) var last: Frame.Stamp?
    private(set) var hasGap = false
    /// Whether it has just changed its place: what the new one shows first has all that was missed.
    private var hasMoved = false
    /// Whether everybody has come since what was there before ended: messages of that may still come.
    private var isNew = true
    private(set) var deliveredCount = 0
    /// What both connections bring while it moves, and the marks of what waits.
    private var handover: Handover?
    private var held: [[UInt8]: [Frame.Stamp?]] = [:]
    /// Whether it repeats nothing and equal messages of it may be two.
    let isAmbiguous: Bool
    private let isDistinct: Bool
    private let ticks: Bool
    private var lastReport: Instant?

    init(_ offer: Offer) {
        request = offer.request
        channel = ChannelKey(offer.traits.channel)
        key = RouteKey(offer.traits.routeKey)
        isDistinct = offer.traits.hasDistinctMessages
        isAmbiguous = offer.traits.snapshot == .none && !offer.traits.hasDistinctMessages
        ticks = offer.traits.snapshot == .everyMessage && offer.request.user == nil
    }

    /// Somebody was told that it is live: from here on nothing may be missed without a gap.
    ///
    /// - Parameter first: The mark of the first message that is to come.
    mutating func promised(_ first: Frame.Stamp) {
        guard last == nil else { return }
        last = first
        last?.ordinal -= 1
        last?.event? -= 1
    }

    /// Everybody who had been told anything has left.
    mutating func forgetAll() {
        last = nil
        hasGap = false
        hasMoved = false
        isNew = true
    }

    mutating func moved() { hasMoved = true }

    // MARK: Handover

    mutating func beginHandover(from connection: ConnectionID) {
        handover = Handover(from: connection, isDistinct: isDistinct)
    }

    mutating func cancelHandover() {
        handover = nil
        held = [:]
    }

    /// Whether a message is to be delivered now, as the client's dispatchers judge it.
    mutating func admits(_ text: [UInt8], _ stamp: Frame.Stamp?, from connection: ConnectionID, at now: Instant) -> Bool
    {
        guard handover != nil else { return true }
        let isAdmitted = handover?.arrived(text, on: connection, at: now) ?? true
        if !isAdmitted { held[text, default: []].append(stamp) }
        if handover?.isOver == true { cancelHandover() }
        return isAdmitted
    }

    /// The old connection brings nothing more: whether there is a gap, and the marks of what has waited.
    mutating func endHandover(
        isLost: Bool, at now: Instant, timeout: Duration
    ) -> (hasGap: Bool, stamps: [Frame.Stamp?]) {
        guard let rest = handover?.oldEnded(isLost: isLost, at: now, timeout: timeout) else { return (false, []) }
        // Of equal ones those that came last.
        var stamps: [Frame.Stamp?] = []
        for text in rest.messages.reversed() { stamps.append(held[text]?.popLast() ?? nil) }
        held = [:]
        return (rest.hasGap, stamps.reversed())
    }

    /// Whether the engine is to be told that it ticks: at most once a second.
    mutating func isToReport(at now: Instant) -> Bool {
        guard ticks, lastReport.map({ $0.duration(to: now) >= .seconds(1) }) ?? true else { return false }
        lastReport = now
        return true
    }

    /// Says what is wrong with the gap.
    mutating func announce(_ reason: Gap.Reason) -> String? {
        hasGap = true
        return last == nil ? "a gap (\(reason)) before anything could be missed of \(request)" : nil
    }

    /// Says what is wrong with the message.
    mutating func receive(_ stamp: Frame.Stamp?) -> String? {
        guard let stamp else { return "\(request) got a message of nobody" }
        guard stamp.request == request else { return "\(request) got a message of \(stamp)" }
        if stamp.isLate, isNew { return nil }
        // While a feed that repeats nothing moves, what is late on the old connection may come first.
        if stamp.isLate, stamp.event == nil { return "\(stamp) reaches those who were there before" }
        defer {
            last = stamp
            isNew = false
            hasGap = false
            hasMoved = false
            deliveredCount += 1
        }
        guard let last else { return nil }
        // A late message was taken for the first of those to come.
        if isNew, stamp.connection == last.connection, stamp.epoch == last.epoch + 1, stamp.ordinal == 0 { return nil }
        if let event = stamp.event, let lastEvent = last.event {
            if hasGap, event > lastEvent { return stamp.isSameStream(as: last) ? "a gap before \(stamp)" : nil }
            return event == lastEvent + 1 ? nil : "\(stamp) after \(last)"
        }
        if hasMoved, !hasGap { return stamp.ordinal == 0 ? nil : "\(stamp) comes first after a move" }
        if hasGap { return stamp.isSameStream(as: last) ? "a gap before \(stamp), where nothing was missed" : nil }
        guard stamp.isSameStream(as: last) else { return "no gap between \(last) and \(stamp)" }
        return stamp.ordinal == last.ordinal + 1 ? nil : "\(stamp) after \(last)"
    }
}

/// One of the world's people who wants a feed.
struct SimulatedSubscriber {
    let offer: Offer
    /// How long it waits for an answer once the client runs.
    let timeout: Duration?
    /// When it stops waiting.
    var deadline: Instant?
    let waitsForLimits: Bool
    var isConfirmed = false

    mutating func start(at now: Instant) {
        deadline = timeout.map { now.advanced(by: $0) }
    }
}
