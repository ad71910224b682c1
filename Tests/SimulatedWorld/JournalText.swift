import HyperliquidEngine
import HyperliquidWire

/// A count and a 64-bit FNV-1a digest of a journal's lines.
package struct JournalDigest: CustomStringConvertible, Sendable {
    private(set) var lineCount = 0
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ line: String) {
        lineCount += 1
        for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ 10) &* 0x0000_0100_0000_01b3
    }

    package var description: String { "\(lineCount) \(String(hash, radix: 16))" }
}

extension Engine.Input {
    /// The line for this input in a journal. It does not change if types and cases are renamed, so journals from before
    /// and after a renaming can be compared.
    var journalText: String {
        switch self {
        case .started: "started"
        case .subscribed(let id, let request, let traits, let timeout, let waitsForLimits):
            "subscribe \(id.rawValue) \(request) on \(traits.channel) timeout \(text(timeout)) waits \(waitsForLimits)"
        case .unsubscribed(let id): "unsubscribe \(id.rawValue)"
        case .connectionOpened(let id): "opened \(id.rawValue)"
        case .connectionClosed(let id, let reason, let draw): "closed \(id.rawValue) \(reason) draw \(draw)"
        case .acknowledged(let id, let kind, let echo): "acknowledged \(id.rawValue) \(kind.rawValue) \(echo)"
        case .errorArrived(let id, let error): "error \(id.rawValue) \(error.text)"
        case .frameArrived(let id): "frame \(id.rawValue)"
        case .pongArrived(let id): "pong \(id.rawValue)"
        case .bytesArrived(let id): "bytes \(id.rawValue)"
        case .dataArrived(let id, let upstream): "data \(id.rawValue) \(upstream.rawValue)"
        case .baseLost(let id, let upstream): "base lost \(id.rawValue) \(upstream.rawValue)"
        case .posted(let id, let kind, let weight, let timeout):
            "post \(id.rawValue) \(kind) of weight \(weight) timeout \(text(timeout))"
        case .postAnswered(let id, let post, let weight):
            "post answered \(id.rawValue) \(post.rawValue)\(weight > 0 ? " weight \(weight)" : "")"
        case .postLimited(let id, let post, let text): "post limited \(id.rawValue) \(post.rawValue) \(text)"
        case .postCancelled(let post): "post cancelled \(post.rawValue)"
        case .upstreamTicked(let id, let upstream): "tick \(id.rawValue) \(upstream.rawValue)"
        case .woke: "woke"
        case .drained: "drain"
        }
    }
}

extension Engine.Effect {
    /// The line for this effect in a journal, `nil` if it has none. It does not change if types and cases are renamed.
    var journalText: String? {
        switch self {
        // The effect is newer than the first recorded journals, so it has no line.
        case .bind: nil
        case .dial(let id, let endpoint): "dial \(id.rawValue) \(endpoint)"
        case .close(let id): "close \(id.rawValue)"
        case .send(let id, let message): "send \(id.rawValue) \(message.journalText)"
        case .attach(let upstream, let id): "attach \(upstream.rawValue) \(id.rawValue)"
        case .detach(let upstream, let id): "detach \(upstream.rawValue) \(id.rawValue)"
        case .beginHandover(let upstream, let id): "begin handover \(upstream.rawValue) \(id.rawValue)"
        case .endHandover(let upstream, let isLost): "end handover \(upstream.rawValue) lost \(isLost)"
        case .cancelHandover(let upstream): "cancel handover \(upstream.rawValue)"
        case .expectReplay(let upstream): "expect replay \(upstream.rawValue)"
        case .confirm(let id): "confirm \(id.rawValue)"
        case .fail(let id, let failure): "fail \(id.rawValue) \(failure.journalText)"
        case .announceGap(let upstream, let reason): "gap \(upstream.rawValue) \(reason.rawValue)"
        case .sendPost(let id, let post): "send post \(id.rawValue) \(post.rawValue)"
        case .failPost(let post, let failure): "fail post \(post.rawValue) \(failure.journalText)"
        case .forget(let upstream): "forget \(upstream.rawValue)"
        case .note(let note): "note \(note.journalText)"
        case .finish: "finish"
        }
    }
}

extension Engine.Message {
    fileprivate var journalText: String {
        switch self {
        case .subscribe(let request): "subscribe \(request)"
        case .unsubscribe(let request): "unsubscribe \(request)"
        case .ping: "ping"
        }
    }
}

extension Engine.Failure {
    fileprivate var journalText: String {
        switch self {
        case .refused(let text): "refused \(text)"
        case .poisoned(let wait): "poisoned \(text(wait))"
        case .unanswered: "unanswered"
        case .messageTooLarge(let limit): "too large \(limit)"
        case .timedOut(let reason): "timed out \(reason.journalText)"
        case .limitReached(let reason): "limit reached \(reason.journalText)"
        case .neverFits(let reason): "never fits \(reason.journalText)"
        case .clientEnded: "client ended"
        }
    }
}

extension Engine.PostFailure {
    fileprivate var journalText: String {
        switch self {
        case .timedOut(let wait): "timed out \(wait.journalText)"
        case .unknownOutcome(.connectionLost(let reason)): "unknown outcome: lost \(reason)"
        case .unknownOutcome(.timedOut): "unknown outcome: timed out"
        case .unknownOutcome(.cancelled): "unknown outcome: cancelled"
        case .unknownOutcome(.clientEnded): "unknown outcome: client ended"
        case .refused(let text): "refused \(text)"
        case .neverFits: "never fits"
        case .cancelled: "cancelled"
        case .clientEnded: "client ended"
        }
    }
}

extension Engine.Note {
    fileprivate var journalText: String {
        switch self {
        case .connectionLost(let id, let slot, let reason, let wait):
            "lost \(id.rawValue) \(slot.rawValue) \(reason) retry \(text(wait))"
        case .silent(let id): "silent \(id.rawValue)"
        case .suspected(let request): "suspected \(request)"
        case .quarantined(let request): "quarantined \(request)"
        case .unansweredRequest(let id, let kind, let request): "unanswered \(id.rawValue) \(kind.rawValue) \(request)"
        case .unattributedError(let id, let text): "unattributed \(id.rawValue) \(text)"
        case .limitRefusal(let id, let text): "limit \(id.rawValue) \(text)"
        case .stale(let id, let request): "stale \(id.rawValue) \(request)"
        case .staysSilent(let id, let request): "stays silent \(id.rawValue) \(request)"
        case .ticksAgain(let id, let request): "ticks again \(id.rawValue) \(request)"
        }
    }
}

private func text(_ duration: Duration?) -> String { duration.map { "\($0.nanoseconds)" } ?? "none" }

extension WaitReason {
    fileprivate var journalText: String {
        switch self {
        case .start: "start"
        case .connection: "connection"
        case .connectionLimit: "connectionLimit"
        case .subscriptionLimit: "subscriptionLimit"
        case .userLimit: "userLimit"
        case .messageLimit: "messageLimit"
        case .acknowledgement: "acknowledgement"
        case .unsubscription: "unsubscription"
        case .trial: "probe"
        }
    }
}

extension Engine.PostWait {
    fileprivate var journalText: String {
        switch self {
        case .start: "start"
        case .connection: "connection"
        case .postsInFlight: "window"
        case .messageLimit: "messageLimit"
        case .requestWeight: "requestWeight"
        case .requestPause: "requestPause"
        case .answer: "answer"
        }
    }
}
