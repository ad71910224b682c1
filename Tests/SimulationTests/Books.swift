import HyperliquidEngine
import HyperliquidWire

/// Judges limits and confusability by what was really sent and dialled, not by the engine's own counters.
struct Books {
    /// What the venue may have on a connection: asked for, and not known to be gone.
    private struct Standing {
        var isLeaving = false
    }

    private struct Lingering {
        let user: String
        let link: LinkID
        let until: Instant
    }

    private let limits: VenueLimits
    private var dials: [Instant] = []
    private var messages: [Instant] = []
    private var links: Set<LinkID> = []
    private var standing: [LinkID: [FeedRequest: Standing]] = [:]
    /// When each identity was last asked for on a connection, whatever came of it.
    private var asked: [LinkID: [FeedRequest: Instant]] = [:]
    private var lingering: [Lingering] = []
    /// The requests of which the venue may still have to answer one, each with its link.
    private var posts: [PostID: LinkID] = [:]
    private var abandonedPosts: [PostID: Instant] = [:]

    init(limits: VenueLimits) {
        self.limits = limits
    }

    var messageCount: Int { messages.count }

    // MARK: What we do

    mutating func dialled(_ link: LinkID, at now: Instant, _ journal: inout Journal) {
        dials.append(now)
        links.insert(link)
        if count(dials, within: .seconds(60), of: now) > limits.dialsPerMinute {
            journal.violate("more dials in a minute than allowed", at: now)
        }
        if links.count > limits.connectionCount { journal.violate("more connections than allowed", at: now) }
    }

    mutating func sent(_ message: Engine.Message, on link: LinkID, at now: Instant, _ journal: inout Journal) {
        spent(at: now, &journal)
        switch message {
        case .subscribe(let request): asked(request, on: link, at: now, &journal)
        case .unsubscribe(let request):
            if asked[link]?[request] == nil { journal.violate("\(request) is ended but was not asked for", at: now) }
            standing[link]?[request]?.isLeaving = true
        case .ping: break
        }
    }

    private mutating func spent(at now: Instant, _ journal: inout Journal) {
        messages.append(now)
        if count(messages, within: .seconds(60), of: now) > limits.messagesPerMinute {
            journal.violate("more messages in a minute than allowed", at: now)
        }
        if count(messages, within: .seconds(1), of: now) > limits.messagesPerSecond {
            journal.violate("more messages in a second than allowed", at: now)
        }
    }

    private func count(_ times: [Instant], within span: Duration, of now: Instant) -> Int {
        times.reversed().prefix { $0.advanced(by: span) > now }.count
    }

    private mutating func asked(
        _ request: FeedRequest, on link: LinkID, at now: Instant, _ journal: inout Journal
    ) {
        let visible = Assortment.byRequest[request]?.visible
        for other in (standing[link] ?? [:]).keys where other != request {
            if Assortment.byRequest[other]?.visible == visible {
                journal.violate("\(request) is asked for on \(link) beside \(other), its double", at: now)
            }
        }
        asked[link, default: [:]][request] = now
        standing[link, default: [:]][request] = Standing()
        if standing.values.reduce(0, { $0 + $1.count }) > limits.subscriptionCount {
            journal.violate("more subscriptions than allowed", at: now)
        }
        if standing[link]?.count ?? 0 > limits.subscriptionsPerConnection ?? limits.subscriptionCount {
            journal.violate("more subscriptions on \(link) than allowed", at: now)
        }
        lingering.removeAll { $0.until <= now }
        if users(on: nil).count > limits.userCount { journal.violate("more users than allowed", at: now) }
        if users(on: link).count > limits.usersPerConnection ?? limits.userCount {
            journal.violate("more users on \(link) than allowed", at: now)
        }
    }

    private func users(on link: LinkID?) -> Set<String> {
        var users = Set(lingering.filter { link == nil || $0.link == link }.map(\.user))
        for (place, requests) in standing where link == nil || place == link {
            users.formUnion(requests.keys.compactMap(\.user))
        }
        return users
    }

    // MARK: What we learn

    /// The venue said that it does not have the subscription any more.
    mutating func ended(_ request: FeedRequest, on link: LinkID, at now: Instant) {
        guard standing[link]?[request]?.isLeaving == true else { return }
        standing[link]?[request] = nil
        guard let user = request.user, !users(standingOn: link).contains(user) else { return }
        lingering.append(Lingering(user: user, link: link, until: now.advanced(by: limits.userLinger)))
    }

    private func users(standingOn link: LinkID) -> Set<String> {
        Set((standing[link] ?? [:]).keys.compactMap(\.user))
    }

    /// The venue did not take the subscription: it never counted.
    mutating func refused(_ request: FeedRequest, on link: LinkID) {
        standing[link]?[request] = nil
    }

    /// Takes note of what the venue has, after a message to it: a subscription that it refused never counted.
    mutating func compare(_ link: LinkID, with subscriptions: [FeedRequest], isSilent: Bool, at now: Instant) {
        for (request, standing) in standing[link] ?? [:] where !subscriptions.contains(request) {
            if standing.isLeaving { if isSilent { ended(request, on: link, at: now) } }
        }
    }

    /// A link is over. Names what was asked for on it so lately that it may have killed it.
    mutating func lost(_ link: LinkID, window: Duration, at now: Instant) -> [FeedRequest] {
        links.remove(link)
        let gone = standing.removeValue(forKey: link) ?? [:]
        for user in Set(gone.keys.compactMap(\.user)) {
            lingering.append(Lingering(user: user, link: link, until: now.advanced(by: limits.userLinger)))
        }
        return (asked.removeValue(forKey: link) ?? [:]).filter { $0.value.advanced(by: window) > now }.map(\.key)
    }

    // MARK: Requests over the socket

    mutating func sentPost(_ id: PostID, on link: LinkID, at now: Instant, _ journal: inout Journal) {
        spent(at: now, &journal)
        for (id, until) in abandonedPosts where until <= now {
            posts[id] = nil
            abandonedPosts[id] = nil
        }
        posts[id] = link
        if posts.count > limits.postsInFlight { journal.violate("more requests in flight than allowed", at: now) }
    }

    /// The venue has answered it, or said that it does not look at it.
    mutating func answered(_ id: PostID, on link: LinkID) {
        if posts[id] == link { posts[id] = nil }
    }

    /// Nobody waits for it any more; after a while the venue has surely dropped it.
    mutating func abandoned(_ id: PostID, until: Instant) {
        if posts[id] != nil { abandonedPosts[id] = until }
    }

    mutating func lostPosts(on link: LinkID) {
        posts = posts.filter { $0.value != link }
    }

    /// What stands anywhere.
    var isEmpty: Bool { standing.values.allSatisfy(\.isEmpty) }
}
