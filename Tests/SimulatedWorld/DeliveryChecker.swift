import HyperliquidEngine
import HyperliquidWire

/// Checks that the subscribers of one upstream subscription are given the right messages, in order, and the right gaps.
struct DeliveryChecker {
    let request: FeedRequest
    /// The origin of the last message. Before the first message, the origin that directly precedes it.
    private(set) var last: VenueMessage.Origin?
    private(set) var hasGap = false
    private var mayRepeat = false
    /// Whether the venue has withheld messages from a connection until the subscription there ended, which a client
    /// cannot notice.
    private var mayMiss = false
    /// Whether the feed has just moved to another connection. The first message there replaces all missed ones.
    private var hasMoved = false
    /// Whether the present subscribers have received no message yet. Late messages of an earlier subscription of the
    /// identity may still arrive.
    private var isNew = true
    /// The origins of the messages held back during a handover, by text; `nil` if there is no handover.
    private var held: [[UInt8]: [VenueMessage.Origin?]]?
    /// Whether the feed has no replay and two of its messages may have equal texts.
    let isAmbiguous: Bool
    /// Whether the event buffer keeps only the newest message.
    let conflates: Bool

    init(_ feed: TestFeed) {
        request = feed.request
        conflates = feed.traits.delivery == .latest
        isAmbiguous = feed.traits.snapshot == .none && !feed.traits.hasDistinctMessages
    }

    /// A subscription was confirmed. From now on, a gap must be announced for every missed message.
    ///
    /// - Parameter first: The origin of the next message.
    mutating func confirmed(_ first: VenueMessage.Origin) {
        guard last == nil else { return }
        last = first
        last?.ordinal -= 1
        last?.event? -= 1
    }

    /// All subscribers have left.
    mutating func lastSubscriberLeft() {
        last = nil
        hasGap = false
        hasMoved = false
        mayMiss = false
        isNew = true
    }

    /// The upstream subscription is live on another connection.
    mutating func moved() { hasMoved = true }

    /// The venue has never sent messages that it withheld.
    mutating func missed() { mayMiss = true }

    // MARK: Handover

    mutating func beginHandover() { held = [:] }

    mutating func endHandover() { held = nil }

    /// Records a message that the dispatcher held back. Does nothing if there is no handover.
    mutating func hold(_ text: [UInt8], _ origin: VenueMessage.Origin?) { held?[text, default: []].append(origin) }

    /// The handover releases its messages. Returns their origins; of equal messages, the origin of the last one.
    mutating func release(_ messages: [[UInt8]]) -> [VenueMessage.Origin?] {
        var origins: [VenueMessage.Origin?] = []
        for text in messages.reversed() { origins.append(held?[text]?.popLast() ?? nil) }
        held = [:]
        return origins.reversed()
    }

    /// Checks an announced gap. Returns the problem, `nil` if there is none.
    ///
    /// - Parameter mayRepeat: Whether the feed has moved to a connection where it was asked for more than once. Then
    ///   there was no handover, and messages that are still under way there may repeat those of the old connection.
    mutating func announce(_ reason: Gap.Reason, mayRepeat: Bool) -> String? {
        hasGap = true
        self.mayRepeat = mayRepeat
        return last == nil ? "\(request) has a gap (\(reason)) before its subscription was confirmed" : nil
    }

    /// Checks a delivered message. Returns the problem, `nil` if there is none.
    mutating func receive(_ origin: VenueMessage.Origin?) -> String? {
        guard let origin else { return "\(request) received a message of no subscription" }
        guard origin.request == request else { return "\(request) received a message of \(origin)" }
        if origin.isLate, isNew { return nil }
        // During a move of a feed without replay, a late message of the old connection may be the first to arrive.
        if origin.isLate, origin.event == nil { return "\(origin) comes after messages that are not late" }
        defer {
            last = origin
            isNew = false
            hasGap = false
            hasMoved = false
            mayRepeat = false
            mayMiss = false
        }
        guard let last else { return nil }
        // A late message of the previous epoch was taken for data of the new one and confirmed it too early.
        let isNextEpoch = origin.connection == last.connection && origin.epoch == last.epoch + 1
        if isNew, isNextEpoch, origin.ordinal == 0 { return nil }
        if let event = origin.event, let lastEvent = last.event {
            if hasGap, mayRepeat, event <= lastEvent { return nil }
            if mayMiss, event > lastEvent { return nil }
            if hasGap, event > lastEvent { return checkGap(between: last, and: origin) }
            return event == lastEvent + 1 ? nil : "\(origin) after \(last)"
        }
        if hasMoved, !hasGap { return origin.ordinal == 0 ? nil : "the first message after a move is \(origin)" }
        if hasGap { return checkGap(between: last, and: origin) }
        guard origin.isSameSubscription(as: last) else { return "no gap between \(last) and \(origin)" }
        return origin.ordinal == last.ordinal + 1 ? nil : "\(origin) after \(last)"
    }

    private func checkGap(between last: VenueMessage.Origin, and origin: VenueMessage.Origin) -> String? {
        origin.isSameSubscription(as: last) ? "a gap before \(origin), but no message is missing" : nil
    }
}
