package import HyperliquidWire

extension Engine {
    /// Every fact that the shell reports.
    package enum Input: Hashable, Sendable {
        /// The client runs: sockets may be opened.
        case started
        /// Somebody wants a feed. `timeout`: how long the caller waits for the acknowledgement, if it does.
        /// `waitsForLimits`: whether it waits when a limit is full, or fails at once.
        ///
        /// Indirect: its room would be every input's, which are moved about a dozen times.
        indirect case subscribed(SubscriptionID, FeedRequest, FeedTraits, timeout: Duration?, waitsForLimits: Bool)
        /// Somebody wants it no longer.
        case unsubscribed(SubscriptionID)
        /// A dial succeeded.
        case connectionOpened(ConnectionID)
        /// A connection ended, or its dial failed. `draw` is uniformly random.
        case connectionClosed(ConnectionID, CloseReason, draw: UInt64)
        /// An acknowledgement arrived, with the venue's echo.
        case acknowledged(ConnectionID, RequestKind, echo: FeedRequest)
        /// An error text arrived.
        case errorArrived(ConnectionID, VenueError)
        /// Data or a pong arrived; the shell tells at most once a second.
        case frameArrived(ConnectionID)
        /// Data arrived for a upstream subscription that is asked for and not acknowledged.
        case dataArrived(ConnectionID, UpstreamID)
        /// What arrives for a upstream subscription changes a state that is not known any more.
        case baseLost(ConnectionID, UpstreamID)
        /// Somebody has a request, and waits so long for its answer.
        case posted(PostID, PostKind, timeout: Duration)
        /// The answer to a request arrived; its caller has it.
        case postAnswered(ConnectionID, PostID)
        /// Its caller does not wait any more.
        case postCancelled(PostID)
        /// Data arrived for a live upstream subscription that ticks; the shell tells at most once a second of each.
        case upstreamTicked(ConnectionID, UpstreamID)
        /// The deadline has come, perhaps.
        case woke
        /// The client ends: everything is closed in order.
        case drained
    }

    /// Every command that the shell carries out, in order.
    package enum Effect: Hashable, Sendable {
        case dial(ConnectionID, EndpointKind)
        /// Close in order; the shell reports `connectionClosed` in any case.
        case close(ConnectionID)
        case send(ConnectionID, Message)
        /// Messages of this upstream subscription on this connection reach its subscribers from now on.
        case attach(UpstreamID, ConnectionID)
        /// They no longer do.
        case detach(UpstreamID, ConnectionID)
        /// It is about to be asked for on another connection as well, and will repeat nothing: from now on what both bring
        /// is told apart by a ``Handover``.
        case beginHandover(UpstreamID, from: ConnectionID)
        /// This connection brings nothing more; `isLost` when it was not left in order.
        case endHandover(UpstreamID, isLost: Bool)
        /// The handover comes to nothing: what waits for its end is dropped.
        case cancelHandover(UpstreamID)
        /// The upstream subscription is about to be asked for: what comes may repeat what came before.
        case expectReplay(UpstreamID)
        /// The caller's subscription is live.
        case confirm(SubscriptionID)
        /// The subscription ends with this error; it is gone.
        case fail(SubscriptionID, Failure)
        /// Subscribers may have missed something since the upstream subscription's last message.
        case announceGap(UpstreamID, Gap.Reason)
        /// Send the request; the shell holds its payload.
        case sendPost(ConnectionID, PostID)
        /// The request ends with this error; it is gone.
        case failPost(PostID, PostFailure)
        /// Nobody wants the upstream subscription any more: forget it.
        case forget(UpstreamID)
        /// Worth a line in the log.
        case note(Note)
        /// Everything is closed.
        case finish
    }

    /// What is sent to the venue.
    package enum Message: Hashable, Sendable {
        case subscribe(FeedRequest)
        case unsubscribe(FeedRequest)
        case ping
    }

    /// Why a subscription ended.
    package enum Failure: Hashable, Sendable {
        /// The venue refused it, in these words.
        case refused(String)
        /// It killed its connection, alone, as often as is tried; it is not asked for before then.
        case poisoned(retryIn: Duration)
        /// The caller has waited long enough; for what.
        case timedOut(WaitReason)
        /// A limit is full and the caller does not wait.
        case limitReached(WaitReason)
        /// This limit leaves no room for it even where nothing else is.
        case neverFits(WaitReason)
        /// The client ended first.
        case clientEnded
    }

    /// What happened, for the log.
    package enum Note: Hashable, Sendable {
        case connectionLost(ConnectionID, SlotID, CloseReason, retryIn: Duration)
        case silent(ConnectionID)
        case suspected(FeedRequest)
        case quarantined(FeedRequest)
        case unansweredRequest(ConnectionID, RequestKind, FeedRequest)
        case unattributedError(ConnectionID, String)
        case limitRefusal(ConnectionID, String)
        case stale(ConnectionID, FeedRequest)
    }
}
