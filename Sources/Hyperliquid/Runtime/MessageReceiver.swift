package import HyperliquidEngine

/// The owner of a connection's ``MessageReceiver``, which reports to it everything that is not for subscribers.
package protocol MessageReceiverOwner: AnyObject {
    /// The time on the engine's time line at which the read began.
    var now: Instant { get }
    /// The time of day at which the read began, in milliseconds since 1970.
    var wallMilliseconds: Int64 { get }
    /// What the messages of all connections have shown of the venue's clock.
    var venueClock: VenueClock { get set }
    /// Reports a fact to the engine.
    func submit(_ input: Engine.Input)
    /// Counts a message that belongs to no subscription, or to one that has ended.
    func countUnrouted()
    /// Counts a data message that belongs to no subscription.
    /// - Parameters:
    ///   - channel: The channel's name, cut off after 31 bytes if the connection has no subscription there.
    ///   - silent: A feed of the channel on this connection that has never had a message; `nil` if there is none.
    ///   - isNews: Whether it is the first one of this channel and connection, or the first with a silent feed.
    func countUnrouted(
        onChannel channel: String, of connection: ConnectionID, silent: FeedRequest?, isNews: Bool)
    /// Notes that the venue spells the coin of this feed otherwise than it was asked for.
    func adoptedSpelling(of request: FeedRequest, on connection: ConnectionID)
    /// Handles the venue's answer to a request over the socket.
    func postAnswered(_ response: PostResponse, on connection: ConnectionID)
    /// Handles a message of this upstream subscription that could not be decoded. The subscribers have been told.
    func decodingFailed(_ dispatcher: UpstreamDispatcher)
}

extension MessageReceiverOwner {
    /// Counts the message.
    package func countUnrouted(
        onChannel channel: String, of connection: ConnectionID, silent: FeedRequest?, isNews: Bool
    ) { countUnrouted() }

    /// Does nothing.
    package func adoptedSpelling(of request: FeedRequest, on connection: ConnectionID) {}

    /// A clock of which nothing is known, and nothing is learnt.
    package var venueClock: VenueClock {
        get { VenueClock() }
        set {}
    }
}

/// Receives the messages of one connection: routes data to their upstream subscriptions, and turns everything else into
/// facts for the engine. Bound to its owner's loop.
///
/// It knows no socket and no client, so that the simulated world can run it on text. It is the superclass of the
/// connection's handler, because a separate object would have to be loaded, and its references counted, per message.
package class MessageReceiver<Owner: MessageReceiverOwner> {
    /// The connection.
    package final let id: ConnectionID
    /// A strong reference, although the owner holds this object too, because a weaker one would be counted for each
    /// message. The owner releases this object when the connection ends.
    final let owner: Owner
    /// Its exclusivity is not checked at run time, because no access to the routes calls other code.
    @exclusivity(unchecked) private final var routes = MessageRouter()
    /// The channels whose first message without a subscription has been reported, and those where a feed was silent.
    /// Names that the venue makes up are not kept without limit.
    private final var reportedChannels: (any: Set<String>, withSilent: Set<String>) = ([], [])
    private static var reportedChannelLimit: Int { 64 }
    /// The time of the next report that data arrived. There is at most one per second.
    private final var nextReport = Instant(nanoseconds: .min)
    /// The time of the next report that bytes arrived. There is at most one per second, and none soon after data.
    private final var nextByteReport = Instant(nanoseconds: .min)

    /// Makes a receiver without routes.
    package init(id: ConnectionID, owner: Owner) {
        self.id = id
        self.owner = owner
    }

    // MARK: Routes

    /// Adds the route of an upstream subscription, whose messages come on this connection from now on.
    package final func add(_ dispatcher: UpstreamDispatcher) { unsafe routes.add(dispatcher) }

    /// Removes the route of an upstream subscription, whose messages are no longer dispatched from now on.
    package final func remove(_ dispatcher: UpstreamDispatcher) { unsafe routes.remove(dispatcher) }

    /// The upstream subscriptions to which a message may belong, by its beginning.
    ///
    /// This is the one that the route key names. If the key cannot be read, it is one of the channel. If nobody has the
    /// key, it may be another spelling of one that has never had a message. `nil` if the channel cannot be read either.
    package final func senders(of head: borrowing Span<UInt8>) -> [UpstreamID]? {
        var reader = MessageReader(copy head)
        let envelope = reader._readEnvelope()
        guard envelope.kind == .data else { return nil }
        guard let channel = unsafe routes.channel(envelope.channel)?.takeUnretainedValue() else { return [] }
        if let found = unsafe channel.dispatcher(of: &reader) { return [unsafe found.takeUnretainedValue().id] }
        let isNamed = reader._routeKey(by: channel.scheme) != nil
        return unsafe routes.dispatchers { $0 == envelope.channel }.filter { !isNamed || $0.isSilent }.map(\.id)
    }

    /// Notes a message that is sent on this connection. A subscribe is evidence of what messages may come, whether or
    /// not they are dispatched.
    package final func sending(_ message: Engine.Message) {
        if case .subscribe(let request) = message { unsafe routes.ask(for: request) }
    }

    // MARK: Messages

    /// Reports that a read brought bytes, whether or not they completed a message.
    ///
    /// These reports have a time of their own: they must not take the place of a report of data, which means more.
    @inline(__always) package final func receiveBytes() {
        if owner.now >= nextByteReport { reportBytes() }
    }

    @inline(never) private final func reportBytes() {
        nextByteReport = owner.now.advanced(by: .seconds(1))
        owner.submit(.bytesArrived(id))
    }

    /// Receives a text message, which is valid for the duration of the call.
    @inline(__always) package final func receive(_ text: borrowing Span<UInt8>) {
        var reader = MessageReader(copy text)
        reader.allowsFollowing = true
        receiveEnvelope(&reader)
        if reader.byteOffset != reader.byteCount { receiveFollowing(text, reader) }
    }

    @inline(__always) private final func receiveEnvelope(_ reader: inout MessageReader) {
        let envelope = reader._readEnvelope()
        switch envelope.kind {
        case .data: route(envelope.channel, &reader)
        case .pong: owner.submit(.pongArrived(id))
        case .subscriptionResponse: receiveAcknowledgement(&reader)
        case .error: receiveError(&reader)
        case .post: receivePostResponse(&reader)
        case .notJSON, .unknown: owner.countUnrouted()
        }
    }

    /// Receives the envelopes that stand behind the first one in a text, in order.
    ///
    /// Usually there is none, and only the end of a message was not read: of an acknowledgement, of a message without
    /// a subscription, or of one that could not be decoded.
    @inline(never) private final func receiveFollowing(_ text: borrowing Span<UInt8>, _ first: borrowing MessageReader)
    {
        guard !first.isAtEnd else { return }
        var start = 0
        while true {
            let rest = text.extracting(start...)
            let (end, isWhole) = MessageReader(rest).scanEnvelope()
            guard isWhole else {
                // The first envelope has been received like any other message. Of a later one it is not known what it
                // is, if its route cannot be read.
                let isReceived = start == 0 || isRouteKnown(rest)
                return announceUnreadable(rest, from: isReceived ? end : 0, isReceived: isReceived)
            }
            start += end
            guard start < text.count else { return }
            let next = text.extracting(start...)
            var reader = MessageReader(next)
            reader.allowsFollowing = true
            receiveEnvelope(&reader)
        }
    }

    /// Whether a damaged message can be read far enough to know to which subscription it belongs, if to any.
    private final func isRouteKnown(_ text: borrowing Span<UInt8>) -> Bool {
        var reader = MessageReader(copy text)
        let envelope = reader._readEnvelope()
        switch envelope.kind {
        case .data:
            guard let channel = unsafe routes.channel(envelope.channel) else { return true }
            return unsafe channel._withUnsafeGuaranteedRef { unsafe dispatcher(on: $0, &reader) != nil }
                || reader._routeKey(by: unsafe channel._withUnsafeGuaranteedRef(\.scheme)) != nil
        case .pong, .subscriptionResponse, .error, .post: return true
        case .notJSON, .unknown: return false
        }
    }

    /// Announces that the end of a text cannot be read to the subscriptions to which it may belong: those of the
    /// channels that it names, or all of the connection if it names none but may have held a message.
    ///
    /// - Parameters:
    ///   - start: Where the unknown part begins.
    ///   - isReceived: Whether the part is only the end of a message that was received. If it names no further channel,
    ///     nothing else is missing.
    private final func announceUnreadable(_ text: borrowing Span<UInt8>, from start: Int, isReceived: Bool) {
        var reader = MessageReader(copy text)
        var named: Set<_ChannelKey> = []
        var namesAny = false
        reader.forEachChannel(from: start) { key in
            namesAny = true
            if unsafe routes.channel(key) != nil { named.insert(key) }
        }
        if !namesAny, isReceived { return }
        let concernsAll = !namesAny && reader.hasBracket(from: start)
        reader.moveToEnd()
        for dispatcher in unsafe routes.dispatchers(where: { concernsAll || named.contains($0) }) {
            var nothing = reader
            dispatch(&nothing, to: dispatcher)
        }
    }

    /// Dispatches messages that waited for the end of a handover.
    package final func receive(_ messages: [[UInt8]], for dispatcher: UpstreamDispatcher) {
        for message in messages { receive(ContiguousArray(message).span, for: dispatcher) }
    }

    private final func receive(_ text: borrowing Span<UInt8>, for dispatcher: UpstreamDispatcher) {
        var reader = MessageReader(copy text)
        _ = reader._readEnvelope()
        dispatch(&reader, to: dispatcher)
    }

    @inline(__always) private final func route(_ channelKey: _ChannelKey, _ reader: inout MessageReader) {
        if owner.now >= nextReport { reportConnection() }
        guard let channel = unsafe routes.channel(channelKey) else { return countUnrouted(on: channelKey) }
        let found = unsafe channel._withUnsafeGuaranteedRef { unsafe dispatcher(on: $0, &reader) }
        guard let found = unsafe found else {
            return receiveUnknownKey(unsafe channel.takeUnretainedValue(), &reader)
        }
        unsafe found._withUnsafeGuaranteedRef { dispatcher in
            if dispatcher.needsCare, !admits(&reader, to: dispatcher) { return }
            dispatch(&reader, to: dispatcher)
        }
    }

    /// Receives a message with a key that nobody has: of the only subscription that can be meant, or of none.
    @inline(never) private final func receiveUnknownKey(
        _ channel: MessageRouter.Channel, _ reader: inout MessageReader
    ) {
        guard let dispatcher = unsafe routes.adopt(&reader, on: channel) else {
            return countUnrouted(channel.name, silent: unsafe routes.silent(on: channel)?.request)
        }
        owner.adoptedSpelling(of: dispatcher.request, on: id)
        if dispatcher.needsCare, !admits(&reader, to: dispatcher) { return }
        dispatch(&reader, to: dispatcher)
    }

    @inline(never) private final func countUnrouted(on channel: _ChannelKey) {
        countUnrouted(channel.name, silent: nil)
    }

    @inline(never) private final func countUnrouted(_ channel: String, silent: FeedRequest?) {
        var isNews = false
        if silent != nil, reportedChannels.withSilent.count < Self.reportedChannelLimit {
            isNews = reportedChannels.withSilent.insert(channel).inserted
        } else if silent == nil, reportedChannels.any.count < Self.reportedChannelLimit {
            isNews = reportedChannels.any.insert(channel).inserted
        }
        owner.countUnrouted(onChannel: channel, of: id, silent: silent, isNews: isNews)
    }

    /// The upstream subscription of a message.
    @inline(__always) private final func dispatcher(
        on channel: MessageRouter.Channel, _ reader: inout MessageReader
    ) -> Unmanaged<UpstreamDispatcher>? {
        // If the channel has only one subscription, its key is verified after decoding, and need not be looked up.
        if let only = unsafe channel.only, unsafe only._withUnsafeGuaranteedRef({ $0.verifiesKey && !$0.awaitsFirst }) {
            return unsafe only
        }
        return unsafe channel.dispatcher(of: &reader)
    }

    /// Whether a message for an upstream subscription that needs care is dispatched now.
    @inline(never) private final func admits(
        _ reader: inout MessageReader, to dispatcher: UpstreamDispatcher
    ) -> Bool {
        if dispatcher.awaitsFirst {
            // Reported before the event is dispatched, so that a gap is announced before the event.
            dispatcher.firstMessageArrived(at: owner.now, owner.venueClock)
            owner.submit(.dataArrived(id, dispatcher.id))
            // The answer may end the feed's trial, so that it is asked for elsewhere. It has no place here any more.
            guard dispatcher.connections.contains(id) else { return false }
        }
        return dispatcher.admits(reader, from: id, at: owner.now)
    }

    @inline(__always) private final func dispatch(_ reader: inout MessageReader, to dispatcher: UpstreamDispatcher) {
        switch dispatcher.dispatch(&reader, atMilliseconds: owner.wallMilliseconds) {
        case .delivered: if owner.now >= dispatcher.nextReport { report(dispatcher) }
        case .notMine: countUnrouted(dispatcher.traits.channel, silent: nil)
        case .fault:
            if dispatcher.hasLostBase { owner.submit(.baseLost(id, dispatcher.id)) }
            owner.decodingFailed(dispatcher)
        }
    }

    private final func reportConnection() {
        nextReport = owner.now.advanced(by: .seconds(1))
        nextByteReport = nextReport
        owner.submit(.frameArrived(id))
    }

    private final func report(_ dispatcher: UpstreamDispatcher) {
        let now = owner.now
        dispatcher.nextReport = now.advanced(by: .seconds(1))
        guard now > dispatcher.firstMessageAt else {
            // The first message may be a repetition, so the next one is the first that shows the venue's time.
            dispatcher.nextReport = now.advanced(by: .nanoseconds(1))
            return
        }
        if dispatcher.ticks, dispatcher.isTimely(at: now) { owner.submit(.upstreamTicked(id, dispatcher.id)) }
        if let milliseconds = dispatcher.venueMilliseconds {
            owner.venueClock.liveMessageArrived(milliseconds, at: now)
        }
    }

    private final func receiveAcknowledgement(_ reader: inout MessageReader) {
        guard let (kind, echo) = Acknowledgement.read(&reader) else { return owner.countUnrouted() }
        owner.submit(.acknowledged(id, kind, echo: echo))
    }

    private final func receivePostResponse(_ reader: inout MessageReader) {
        guard let response = PostResponse.read(&reader) else { return owner.countUnrouted() }
        owner.postAnswered(response, on: id)
    }

    private final func receiveError(_ reader: inout MessageReader) {
        do throws(DecodingFault) {
            owner.submit(.errorArrived(id, VenueError(text: try reader.readString())))
        } catch {
            owner.countUnrouted()
        }
    }
}
