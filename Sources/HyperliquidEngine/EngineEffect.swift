package import HyperliquidWire

extension Engine {
    /// A command to the shell, which performs the effects of a turn in order.
    package enum Effect: Hashable, Sendable {
        /// Joins a new subscriber to its upstream subscription; the first effect of a subscribe that is accepted.
        case bind(SubscriptionID, UpstreamID)
        /// Dials a connection. The shell reports `connectionOpened` or `connectionClosed`.
        case dial(ConnectionID, EndpointKind)
        /// Closes a connection with a close frame. The shell reports `connectionClosed` in any case.
        case close(ConnectionID)
        /// Sends a message on a connection.
        case send(ConnectionID, Message)
        /// Starts to deliver the messages of an upstream subscription on a connection to its subscribers.
        case attach(UpstreamID, ConnectionID)
        /// Stops delivering the messages of an upstream subscription on a connection.
        case detach(UpstreamID, ConnectionID)
        /// Starts a ``Handover``: the upstream subscription is about to be asked for on a second connection, and its
        /// feed sends neither a snapshot nor a replay.
        case beginHandover(UpstreamID, from: ConnectionID)
        /// Ends a handover, because the old connection brings no more messages. `isLost` is `true` if it was lost
        /// before the venue confirmed the unsubscribe.
        case endHandover(UpstreamID, isLost: Bool)
        /// Cancels a handover and drops the messages that it holds back.
        case cancelHandover(UpstreamID)
        /// Announces that an upstream subscription is about to be asked for, so that its messages may repeat earlier
        /// ones.
        case expectReplay(UpstreamID)
        /// Tells the caller that its subscription is live.
        case confirm(SubscriptionID)
        /// Ends a subscription with an error; the engine has removed it.
        case fail(SubscriptionID, Failure)
        /// Announces a gap: subscribers may have missed events since the upstream subscription's last message.
        case announceGap(UpstreamID, Gap.Reason)
        /// Sends a post; the shell holds its payload.
        case sendPost(ConnectionID, PostID)
        /// Ends a post with an error; the engine has removed it.
        case failPost(PostID, PostFailure)
        /// Forgets an upstream subscription, which has no subscribers and has ended at the venue.
        case forget(UpstreamID)
        /// Reports an occurrence for the log.
        case note(Note)
        /// Reports that all connections are closed and the client may end.
        case finish
    }

    /// A message to the venue, other than a post.
    package enum Message: Hashable, Sendable {
        case subscribe(FeedRequest)
        case unsubscribe(FeedRequest)
        case ping
    }

    /// The reason why a subscription ended.
    package enum Failure: Hashable, Sendable {
        /// The venue refused the subscribe with this text.
        case refused(String)
        /// The identity has killed connections of its own as often as `poisonKillCount` says. It is refused until
        /// `retryIn` has passed.
        case poisoned(retryIn: Duration)
        /// The venue answered neither the subscribe nor its repetitions, also where nothing else was asked for.
        case unanswered
        /// The feed sent a message of more than `limit` bytes twice; each costs a connection.
        case messageTooLarge(limit: Int)
        /// The caller's timeout has passed while the subscription waited for this reason.
        case timedOut(WaitReason)
        /// This limit is used up and the caller does not wait.
        case limitReached(WaitReason)
        /// This limit excludes the feed even without any other subscription.
        case neverFits(WaitReason)
        /// The client ended.
        case clientEnded
    }

    /// An occurrence for the log.
    package enum Note: Hashable, Sendable {
        /// A connection ended; its slot may dial again after `retryIn`.
        case connectionLost(ConnectionID, SlotID, CloseReason, retryIn: Duration)
        /// A connection did not answer a ping and is closed.
        case silent(ConnectionID)
        /// A feed may have killed its connection.
        case suspected(FeedRequest)
        /// A feed has killed connections of its own as often as `poisonKillCount` says, and is refused for a while.
        case quarantined(FeedRequest)
        /// A request was not answered in time.
        case unansweredRequest(ConnectionID, RequestKind, FeedRequest)
        /// An error text belongs to no known request.
        case unattributedError(ConnectionID, String)
        /// The venue refused a request because of a limit.
        case limitRefusal(ConnectionID, String)
        /// A ticking feed has been silent for too long and is asked for again.
        case stale(ConnectionID, FeedRequest)
        /// A ticking feed stays silent, although it was asked for again there and on another connection.
        case staysSilent(ConnectionID, FeedRequest)
        /// A ticking feed that stayed silent has brought a message again.
        case ticksAgain(ConnectionID, FeedRequest)
    }
}

extension Engine.Message: JSONWritable {
    /// Writes the message in the venue's form (docs/protocol.md, "Requests").
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

// MARK: Posts

extension Engine {
    /// The condition that a post waits for.
    package enum PostWait: Hashable, Sendable {
        /// The start of the client.
        case start
        /// An open connection.
        case connection
        /// The answer to an earlier post, because as many as the limit allows are in flight.
        case postsInFlight
        /// The limit on messages.
        case messageLimit
        /// The limit on the weight of requests.
        case requestWeight
        /// The end of the pause after the venue said that the requests weigh too much.
        case requestPause
        /// The venue's answer.
        case answer
    }

    /// The reason why a post ended without an answer.
    package enum PostFailure: Hashable, Sendable {
        /// The caller's timeout has passed. The post was not sent or is an `info` request, so it changed no state at
        /// the venue.
        case timedOut(PostWait)
        /// An action was sent and its answer was lost, so the venue may have executed it.
        case unknownOutcome(PostLoss)
        /// The venue could not read the post and answered with this text.
        case refused(String)
        /// No post is ever allowed, because `postsInFlight` is 0.
        case neverFits
        /// The caller was cancelled. The post changed no state at the venue.
        case cancelled
        /// The client ended. The post changed no state at the venue.
        case clientEnded
    }

    /// The reason why the answer to an action was lost.
    package enum PostLoss: Hashable, Sendable {
        case connectionLost(CloseReason)
        case timedOut
        case cancelled
        case clientEnded
    }
}
