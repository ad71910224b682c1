import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import WebSocketTransport

/// Engine and exchange on one virtual time line, with a network between them and people who want feeds.
///
/// The world plays the client's shell: it performs the engine's effects as the real one does, and routes the
/// venue's messages by Wire's readers. After every step it holds what happened against what must always hold.
final class World: MessageReceiverOwner {
    enum ScheduledEvent {
        /// People or faults do something.
        case act
        case dialArrives(ConnectionID)
        case dialExpires(ConnectionID)
        case dialRefused(ConnectionID, status: Int)
        case dialSucceeds(ConnectionID)
        case messageArrives(ConnectionID, Engine.Message)
        case postArrives(ConnectionID, PostID, PostKind)
        case textArrives(ConnectionID, Frame, [UInt8])
        /// What frames brought since the first of them is acted upon.
        case readEnds
        /// The client's end learns that the connection is over.
        case clientEndCloses(ConnectionID, CloseReason)
        /// The venue's end learns it.
        case venueEndCloses(ConnectionID)
        /// Another client gave something back.
        case capacityReturned
        /// The network gives everything back.
        case delayEnds
    }

    let plan: WorldPlan
    let venue: SharedVenue
    /// Which of the address's clients it is.
    private(set) var index = 0
    var engine: Engine
    var random: SeededRandom
    var timeline = Timeline<ScheduledEvent>()
    var paths: [ConnectionID: NetworkPath] = [:]
    /// The client's own receivers and dispatchers, which the texts of the exchange go through.
    var receivers: [ConnectionID: MessageReceiver<World>] = [:]
    var deliveries: [UpstreamID: SimulatedDelivery] = [:]
    let flushQueue = _FlushQueue()
    var subscribers: [SubscriptionID: SimulatedSubscriber] = [:]
    var posters: [PostID: SimulatedPoster] = [:]
    let reader = FrameReader(OfferedFeeds.all.map(\.traits))
    var lastSubscription: UInt64 = 0
    var lastPost: UInt64 = 0
    var isFinished = false
    var actionsLeft: Int
    var inputs: [Engine.Input] = []
    /// The order of work, as in the client.
    var turns = TurnScheduler()
    /// Whether a message of a read is being received, and whether the end of the read is planned.
    var isInRead = false
    var isReadEndPlanned = false
    var isStarted = false
    /// How often the venue refused something for a limit.
    var refusalCount = 0
    var isDraining = false
    /// Connections that broke soon after an identity was asked for on them.
    var deaths: [FeedRequest: Int] = [:]

    /// A client, alone at its address unless it joins others.
    init(_ plan: WorldPlan, in venue: SharedVenue? = nil) {
        self.plan = plan
        self.venue = venue ?? SharedVenue(plan)
        engine = Engine(configuration: plan.engine)
        actionsLeft = plan.actionCount
        random = SeededRandom(seed: plan.seed)
        index = self.venue.join(self)
        if index > 0 { random = SeededRandom(seed: plan.seed &+ UInt64(index) << 32) }
        timeline.plan(.act, at: now)
    }

    func run(for limit: Duration, until condition: () -> Bool) -> Bool { venue.run(for: limit, until: condition) }

    /// A connection by the number that it has at the venue.
    func venueConnection(_ connection: ConnectionID) -> ConnectionID {
        ConnectionID(connection.rawValue + UInt64(index) * SharedVenue.span)
    }

    func perform(_ event: ScheduledEvent) {
        switch event {
        case .act: act()
        case .dialArrives(let connection): dialArrives(connection)
        case .dialExpires(let connection):
            if paths[connection]?.clientEnd == .dialling {
                endConnection(connection, .dialFailed("timed out", httpStatus: nil))
            }
        case .dialRefused(let connection, let status):
            if paths[connection] != nil { endConnection(connection, .dialFailed("refused", httpStatus: status)) }
        case .dialSucceeds(let connection):
            guard paths[connection]?.clientEnd == .dialling else { return }
            paths[connection]?.clientEnd = .open
            submit(.connectionOpened(connection))
        case .messageArrives(let connection, let message): messageArrives(connection, message)
        case .postArrives(let connection, let id, let kind): postArrives(connection, id, kind)
        case .textArrives(let connection, let frame, let text): textArrives(frame, text, on: connection)
        case .readEnds:
            isReadEndPlanned = false
            endRead()
        case .clientEndCloses(let connection, let reason): endConnection(connection, reason)
        case .venueEndCloses(let connection): closeVenueEnd(connection)
        case .capacityReturned: if !isFinished { submit(.woke) }
        case .delayEnds: tellExchange(.fault(.delayAnswers(plan.exchange.answerDelay)))
        }
    }
}

// MARK: What the client's receivers report

extension World {
    var wallMilliseconds: Int64 { now.nanoseconds / 1_000_000 }

    func countUnrouted() {}

    func postAnswered(_ response: PostResponse, on connection: ConnectionID) {
        postAnswered(response.id, on: connection)
    }

    func decodingFailed(_ dispatcher: UpstreamDispatcher) {
        journal.violate("a message of \(dispatcher.request) cannot be decoded", at: now)
    }
}

/// What it shares with the others of its address.
extension World {
    var now: Instant { venue.now }

    var exchange: Exchange { venue.exchange }

    var journal: Journal {
        get { venue.journal }
        _modify { yield &venue.journal }
    }

    var rateLimiter: RateLimiter { venue.turn.limiter }

    func tellExchange(_ input: Exchange.Input) { venue.tellExchange(input) }
}
