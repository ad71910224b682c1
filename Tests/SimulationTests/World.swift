import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Engine and exchange on one virtual time line, with a network between them and people who want feeds.
///
/// The world plays the client's shell: it performs the engine's effects as the real one does, and routes the
/// venue's messages by Wire's readers. After every step it holds what happened against what must always hold.
final class World {
    enum Happening {
        /// People or faults do something.
        case act
        case dialArrives(LinkID)
        case dialExpires(LinkID)
        case dialRefused(LinkID, status: Int)
        case dialSucceeds(LinkID)
        case messageArrives(LinkID, Engine.Message)
        case postArrives(LinkID, PostID, PostKind)
        case frameArrives(LinkID, Frame)
        /// The client's end learns that the link is over.
        case clientEndCloses(LinkID, CloseReason)
        /// The venue's end learns it.
        case venueEndCloses(LinkID)
        /// The network gives everything back.
        case delayEnds
    }

    let plan: WorldPlan
    var engine: Engine
    var exchange: Exchange
    var chance: Chance
    var now = Instant.start
    var timeline = Timeline<Happening>()
    var cables: [LinkID: Cable] = [:]
    var sinks: [WireID: Sink] = [:]
    var claimants: [SubscriptionID: Claimant] = [:]
    var posters: [PostID: Poster] = [:]
    var origins = Origins()
    var books: Books
    var journal = Journal()
    let reader = FrameReader(Assortment.all.map(\.traits))
    var lastSubscription: UInt64 = 0
    var lastPost: UInt64 = 0
    var isFinished = false
    /// Whether faults may happen: no more once liveness is demanded.
    var isStormy = true
    var actionsLeft: Int
    var inputs: [Engine.Input] = []
    var isStepping = false
    var idleWakeCount = 0
    var isStarted = false
    /// How often the venue refused something for a limit.
    var refusalCount = 0
    var isDraining = false
    /// Links that broke soon after an identity was asked for on them.
    var deaths: [FeedRequest: Int] = [:]

    init(_ plan: WorldPlan) {
        self.plan = plan
        engine = Engine(configuration: plan.engine)
        exchange = Exchange(configuration: plan.exchange)
        chance = Chance(seed: plan.seed)
        books = Books(limits: plan.engine.limits)
        actionsLeft = plan.actionCount
        timeline.plan(.act, at: now)
    }

    /// What happens next, at its time; false when nothing ever will, or something went wrong.
    func step() -> Bool {
        let times = [timeline.nextTime, engine.deadline, exchange.deadline].compactMap { $0 }
        guard let next = times.min(), journal.violation == nil else { return false }
        let isLater = next > now
        now = max(now, next)
        if timeline.nextTime.map({ $0 <= now }) == true, let happening = timeline.takeFirst() {
            perform(happening)
        } else if exchange.deadline.map({ $0 <= now }) == true {
            tellExchange(.woke)
        } else {
            idleWakeCount = isLater ? 0 : idleWakeCount + 1
            if idleWakeCount > 20 { journal.violate("the engine wakes again and again and does nothing", at: now) }
            submit(.woke)
        }
        checkInvariants()
        return journal.violation == nil
    }

    /// Runs until `condition` holds or `limit` has passed; whether it holds.
    func run(for limit: Duration, until condition: () -> Bool) -> Bool {
        let end = now.advanced(by: limit)
        while !condition() {
            guard now <= end, step() else { return false }
        }
        return true
    }

    private func perform(_ happening: Happening) {
        switch happening {
        case .act: act()
        case .dialArrives(let link): dialArrives(link)
        case .dialExpires(let link):
            if cables[link]?.clientEnd == .dialling { endLink(link, .dialFailed("timed out", httpStatus: nil)) }
        case .dialRefused(let link, let status):
            if cables[link] != nil { endLink(link, .dialFailed("refused", httpStatus: status)) }
        case .dialSucceeds(let link):
            guard cables[link]?.clientEnd == .dialling else { return }
            cables[link]?.clientEnd = .open
            submit(.linkOpened(link))
        case .messageArrives(let link, let message): messageArrives(link, message)
        case .postArrives(let link, let id, let kind): postArrives(link, id, kind)
        case .frameArrives(let link, let frame): frameArrives(frame, on: link)
        case .clientEndCloses(let link, let reason): endLink(link, reason)
        case .venueEndCloses(let link): closeVenueEnd(link)
        case .delayEnds: tellExchange(.fault(.delayAnswers(plan.exchange.answerDelay)))
        }
    }
}
