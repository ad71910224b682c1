package import HyperliquidWire

extension Engine {
    /// Every command that the shell carries out, in order.
    package enum Effect: Hashable, Sendable {
        /// Join a new subscriber to its upstream subscription; the first effect of a subscribe that is accepted.
        case bind(SubscriptionID, UpstreamID)
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

extension Engine.Message: JSONWritable {
    /// Writes the request as the venue reads it (docs/protocol.md, "Requests").
    package func write(to writer: inout JSONWriter) {
        writer.reserveCapacity(160)
        writer.beginObject()
        switch self {
        case .subscribe(let request):
            writer.field("method", "subscribe")
            writer.field("subscription", request)
        case .unsubscribe(let request):
            writer.field("method", "unsubscribe")
            writer.field("subscription", request)
        case .ping:
            writer.field("method", "ping")
        }
        writer.endObject()
    }
}
