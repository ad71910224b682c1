package import HyperliquidWire

extension Engine {
    /// Every fact that the shell reports.
    package enum Input: Hashable, Sendable {
        /// The client runs: sockets may be opened.
        case started
        /// Somebody wants a feed. `patience`: how long the caller waits for the acknowledgement, if it does.
        /// `waitsForLimits`: whether it waits when a limit is full, or fails at once.
        ///
        /// Indirect: its room would be every input's, which are moved about a dozen times.
        indirect case claimed(SubscriptionID, FeedRequest, FeedTraits, patience: Duration?, waitsForLimits: Bool)
        /// Somebody wants it no longer.
        case released(SubscriptionID)
        /// A dial succeeded.
        case linkOpened(LinkID)
        /// A link ended, or its dial failed. `draw` is uniformly random.
        case linkClosed(LinkID, CloseReason, draw: UInt64)
        /// An acknowledgement arrived, with the venue's echo.
        case acknowledged(LinkID, RequestKind, echo: FeedRequest)
        /// An error text arrived.
        case errorArrived(LinkID, VenueError)
        /// Data or a pong arrived; the shell tells at most once a second.
        case frameArrived(LinkID)
        /// Data arrived for a wire subscription that is asked for and not acknowledged.
        case dataArrived(LinkID, WireID)
        /// What arrives for a wire subscription changes a state that is not known any more.
        case baseLost(LinkID, WireID)
        /// Somebody has a request, and waits so long for its answer.
        case posted(PostID, PostKind, patience: Duration)
        /// The answer to a request arrived; its caller has it.
        case postAnswered(LinkID, PostID)
        /// Its caller does not wait any more.
        case postCancelled(PostID)
        /// Data arrived for a live wire subscription that ticks; the shell tells at most once a second of each.
        case wireHeard(LinkID, WireID)
        /// The deadline has come, perhaps.
        case woke
        /// The client ends: everything is closed in order.
        case drained
    }

    /// Every command that the shell carries out, in order.
    package enum Effect: Hashable, Sendable {
        case dial(LinkID, EndpointKind)
        /// Close in order; the shell reports `linkClosed` in any case.
        case close(LinkID)
        case send(LinkID, Message)
        /// Messages of this wire subscription on this link reach its subscribers from now on.
        case attach(WireID, LinkID)
        /// They no longer do.
        case detach(WireID, LinkID)
        /// It is about to be asked for on another link as well, and will repeat nothing: from now on what both bring
        /// is told apart by a ``Handover``.
        case beginHandover(WireID, from: LinkID)
        /// This link brings nothing more; `isLost` when it was not left in order.
        case endHandover(WireID, isLost: Bool)
        /// The handover comes to nothing: what waits for its end is dropped.
        case cancelHandover(WireID)
        /// The wire subscription is about to be asked for: what comes may repeat what came before.
        case expectReplay(WireID)
        /// The caller's subscription is live.
        case confirm(SubscriptionID)
        /// The subscription ends with this error; it is gone.
        case fail(SubscriptionID, Failure)
        /// Subscribers may have missed something since the wire subscription's last message.
        case announceGap(WireID, Gap.Reason)
        /// Send the request; the shell holds its payload.
        case sendPost(LinkID, PostID)
        /// The request ends with this error; it is gone.
        case failPost(PostID, PostFailure)
        /// Nobody wants the wire subscription any more: forget it.
        case forget(WireID)
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
        case linkLost(LinkID, LaneID, CloseReason, retryIn: Duration)
        case silent(LinkID)
        case suspected(FeedRequest)
        case quarantined(FeedRequest)
        case unansweredRequest(LinkID, RequestKind, FeedRequest)
        case unattributedError(LinkID, String)
        case limitRefusal(LinkID, String)
        case stale(LinkID, FeedRequest)
    }
}
