import HyperliquidEngine
import HyperliquidWire

/// Judges the messages that reach the subscribers of one upstream subscription: whether each is the right one.
struct DeliveryJudge {
    let request: FeedRequest
    /// The last message that came; before the first, where it is expected.
    private(set) var last: Frame.Stamp?
    private(set) var hasGap = false
    /// Whether it has just changed its place: what the new one shows first has all that was missed.
    private var hasMoved = false
    /// Whether everybody has come since what was there before ended: messages of that may still come.
    private var isNew = true
    private(set) var deliveredCount = 0
    /// The marks of the messages that wait while it is handed over; `nil` when it is not.
    private var held: [[UInt8]: [Frame.Stamp?]]?
    /// Whether it repeats nothing and equal messages of it may be two.
    let isAmbiguous: Bool
    /// Whether its event buffer keeps the newest message only.
    let conflates: Bool

    init(_ offer: Offer) {
        request = offer.request
        conflates = offer.traits.delivery == .latest
        isAmbiguous = offer.traits.snapshot == .none && !offer.traits.hasDistinctMessages
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

    mutating func beginHandover() { held = [:] }

    mutating func endHandover() { held = nil }

    /// Notes the mark of a message that the dispatcher did not give to its subscribers, while it is handed over.
    mutating func hold(_ text: [UInt8], _ stamp: Frame.Stamp?) { held?[text, default: []].append(stamp) }

    /// The marks of the messages that have waited for the end of the old connection; of equal ones the last.
    mutating func release(_ messages: [[UInt8]]) -> [Frame.Stamp?] {
        var stamps: [Frame.Stamp?] = []
        for text in messages.reversed() { stamps.append(held?[text]?.popLast() ?? nil) }
        held = [:]
        return stamps.reversed()
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
