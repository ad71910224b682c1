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
        /// What frames brought since the first of them is acted upon.
        case readEnds
        /// The client's end learns that the link is over.
        case clientEndCloses(LinkID, CloseReason)
        /// The venue's end learns it.
        case venueEndCloses(LinkID)
        /// Another client gave something back.
        case allowanceReturned
        /// The network gives everything back.
        case delayEnds
    }

    let plan: WorldPlan
    let setting: Setting
    /// Which of the address's clients it is.
    private(set) var index = 0
    var engine: Engine
    var chance: Chance
    var timeline = Timeline<Happening>()
    var cables: [LinkID: Cable] = [:]
    var sinks: [WireID: Sink] = [:]
    var claimants: [SubscriptionID: Claimant] = [:]
    var posters: [PostID: Poster] = [:]
    let reader = FrameReader(Assortment.all.map(\.traits))
    var lastSubscription: UInt64 = 0
    var lastPost: UInt64 = 0
    var isFinished = false
    var actionsLeft: Int
    var inputs: [Engine.Input] = []
    var isStepping = false
    /// Whether a frame is being read, and whether the end of the read is planned.
    var isReading = false
    var isReadEndPlanned = false
    /// Whether the engine has taken something in since it last did what may be done.
    var owesAdvance = false
    var isStarted = false
    /// How often the venue refused something for a limit.
    var refusalCount = 0
    var isDraining = false
    /// Links that broke soon after an identity was asked for on them.
    var deaths: [FeedRequest: Int] = [:]

    /// A client, alone at its address unless it joins others.
    init(_ plan: WorldPlan, in setting: Setting? = nil) {
        self.plan = plan
        self.setting = setting ?? Setting(plan)
        engine = Engine(configuration: plan.engine)
        actionsLeft = plan.actionCount
        chance = Chance(seed: plan.seed)
        index = self.setting.join(self)
        if index > 0 { chance = Chance(seed: plan.seed &+ UInt64(index) << 32) }
        timeline.plan(.act, at: now)
    }

    func run(for limit: Duration, until condition: () -> Bool) -> Bool { setting.run(for: limit, until: condition) }

    /// A link by the number that it has at the venue.
    func venueLink(_ link: LinkID) -> LinkID { LinkID(link.rawValue + UInt64(index) * Setting.span) }

    func perform(_ happening: Happening) {
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
        case .frameArrives(let link, let frame):
            isReading = plan.readMilliseconds > 0
            frameArrives(frame, on: link)
            isReading = false
        case .readEnds:
            isReadEndPlanned = false
            if owesAdvance { step() }
        case .clientEndCloses(let link, let reason): endLink(link, reason)
        case .venueEndCloses(let link): closeVenueEnd(link)
        case .allowanceReturned: if !isFinished { submit(.woke) }
        case .delayEnds: tellExchange(.fault(.delayAnswers(plan.exchange.answerDelay)))
        }
    }
}

/// What it shares with the others of its address.
extension World {
    var now: Instant { setting.now }

    var exchange: Exchange { setting.exchange }

    var journal: Journal {
        get { setting.journal }
        _modify { yield &setting.journal }
    }

    var allowance: Allowance { setting.allowance ?? engine.allowance }

    func tellExchange(_ input: Exchange.Input) { setting.tellExchange(input) }
}
