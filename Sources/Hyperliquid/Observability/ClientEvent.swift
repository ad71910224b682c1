internal import HyperliquidEngine

/// Everything that the client logs and counts.
enum ClientEvent {
    /// A connection is being dialled.
    case dialling(ConnectionID, address: String)
    /// A subscribe or an unsubscribe is being sent; after a loss, the subscribes are sent again.
    case requestSent(ConnectionID, RequestKind, FeedRequest)
    /// The venue has acknowledged a subscription, or sent data of it.
    case subscriptionConfirmed(SubscriptionID, FeedRequest)
    /// A connection is open.
    case connectionOpened(ConnectionID, address: String)
    /// A connection that was open has ended. This event is only counted, because `connectionLost` says more.
    case connectionClosed(ConnectionID)
    /// A connection or a dial has ended, for whatever reason. If its slot is still needed, it dials again after this
    /// wait.
    case connectionLost(ConnectionID, SlotID, CloseReason, retryIn: Duration)
    /// A connection brought nothing, not even an answer to a ping, and is given up.
    case connectionSilent(ConnectionID)
    /// A feed that ticks has fallen silent on this connection.
    case feedStale(ConnectionID, FeedRequest)
    /// A feed that ticks stays silent, although it was asked for again there and on another connection.
    case feedStaysSilent(ConnectionID, FeedRequest)
    /// A feed that stayed silent has brought a message again.
    case feedTicksAgain(ConnectionID, FeedRequest)
    /// A connection died soon after this feed was asked for: the feed is tried alone.
    case feedSuspected(FeedRequest)
    /// A feed broke connections as the only one asked for there, and is refused for a while.
    case feedQuarantined(FeedRequest)
    /// The venue does not answer a request, however often it is sent.
    case requestUnanswered(ConnectionID, RequestKind, FeedRequest)
    /// An error of the venue that names no subscription.
    case venueError(ConnectionID, String)
    /// A refusal of the venue because of a limit.
    case limitRefusal(ConnectionID, String)
    /// Subscribers were given a gap.
    case gapAnnounced(FeedRequest, Gap.Reason)
    /// A message could not be decoded. `count` is the number of such messages of its upstream subscription so far.
    case messageUndecodable(FeedRequest, DecodingFault, count: Int)
    /// The first message of this channel and connection that belongs to no subscription, or the first since a feed of
    /// the channel waits for its first message there.
    case messageUnrouted(ConnectionID, channel: String, silent: FeedRequest?)
    /// The venue's messages spell the coin of this feed otherwise than it was asked for.
    case spellingAdopted(ConnectionID, FeedRequest)
    /// A subscriber was too slow: its buffer overflowed.
    case bufferOverflowed(SubscriptionID, FeedRequest)
    /// A callback held up the client's loop for this long.
    case callbackBlocked(SubscriptionID, FeedRequest, Duration)
    /// The venue has not said what it lists, which a group follows.
    case listingsUnknown(HyperliquidError)
    /// A subscription has failed.
    case subscriptionFailed(SubscriptionID, HyperliquidError)

    init(_ note: Engine.Note) {
        self =
            switch note {
            case .connectionLost(let connection, let slot, let reason, let wait):
                .connectionLost(connection, slot, reason, retryIn: wait)
            case .silent(let connection): .connectionSilent(connection)
            case .suspected(let request): .feedSuspected(request)
            case .quarantined(let request): .feedQuarantined(request)
            case .unansweredRequest(let connection, let kind, let request):
                .requestUnanswered(connection, kind, request)
            case .unattributedError(let connection, let text): .venueError(connection, text)
            case .limitRefusal(let connection, let text): .limitRefusal(connection, text)
            case .stale(let connection, let request): .feedStale(connection, request)
            case .staysSilent(let connection, let request): .feedStaysSilent(connection, request)
            case .ticksAgain(let connection, let request): .feedTicksAgain(connection, request)
            }
    }
}

extension ClientRuntime {
    func reportSent(_ message: Engine.Message, on connection: ConnectionID) {
        switch message {
        case .subscribe(let request): report(.requestSent(connection, .subscribe, request))
        case .unsubscribe(let request): report(.requestSent(connection, .unsubscribe, request))
        case .ping: break
        }
    }

    func countUnrouted(onChannel channel: String, of connection: ConnectionID, silent: FeedRequest?, isNews: Bool) {
        countUnrouted()
        unroutedChannels.count(channel)
        if isNews { report(.messageUnrouted(connection, channel: channel, silent: silent)) }
    }

    func decodingFailed(_ dispatcher: UpstreamDispatcher) {
        guard let fault = dispatcher.fault else { return }
        report(
            .messageUndecodable(dispatcher.request, fault, count: dispatcher.counters.totals.undecodableCount))
    }

    func adoptedSpelling(of request: FeedRequest, on connection: ConnectionID) {
        report(.spellingAdopted(connection, request))
    }
}
