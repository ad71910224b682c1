import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One connection between client and venue. Messages keep their order in each direction. Each end has its own state.
struct NetworkPath {
    enum ClientEnd: Hashable {
        case dialling
        case open
        /// The client has sent a Close.
        case closing
    }

    enum VenueEnd: Hashable {
        case absent
        case open
        case closed
    }

    /// The id of the connection at the venue.
    let id: ConnectionID
    let endpoint: EndpointKind
    /// The shortest time from end to end.
    var latency: Duration
    /// The longest random addition to the latency.
    var jitterMilliseconds: Int
    var clientEnd = ClientEnd.dialling
    var venueEnd = VenueEnd.absent
    /// Whether the network drops all further messages. The ends may not have detected it.
    var isCut = false
    /// Whether the connection breaks in the middle of the venue's next message.
    var truncatesNext = false
    /// Whether it has broken so. Earlier messages still arrive.
    var isTruncated = false
    /// How long the venue's next message takes from its first byte to its last one.
    var slowness = Duration.zero
    /// How often the client has asked for each identity since its last unsubscribe.
    var subscribeCounts: [FeedRequest: Int] = [:]
    private var lastArrivalAtVenue = Instant.start
    private var lastArrivalAtClient = Instant.start

    init(id: ConnectionID, endpoint: EndpointKind, latency: Duration, jitterMilliseconds: Int) {
        self.id = id
        self.endpoint = endpoint
        self.latency = latency
        self.jitterMilliseconds = jitterMilliseconds
    }

    var connection: Exchange.ConnectionID { Exchange.ConnectionID(id.rawValue) }

    /// The arrival time of a message that the client sends now. It is never before that of an earlier message.
    mutating func arrivalAtVenue(at now: Instant, _ random: inout SeededRandom) -> Instant {
        lastArrivalAtVenue = max(lastArrivalAtVenue, now.advanced(by: delay(&random)))
        return lastArrivalAtVenue
    }

    /// The same for a message that the venue sends now.
    mutating func arrivalAtClient(at now: Instant, _ random: inout SeededRandom) -> Instant {
        lastArrivalAtClient = max(lastArrivalAtClient, now.advanced(by: delay(&random)))
        return lastArrivalAtClient
    }

    /// Lets nothing that is sent from now on arrive at one end before a time.
    mutating func stall(atVenue: Bool, until time: Instant) {
        if atVenue {
            lastArrivalAtVenue = max(lastArrivalAtVenue, time)
        } else {
            lastArrivalAtClient = max(lastArrivalAtClient, time)
        }
    }

    /// The arrival times of parts of the venue's next message, if it is slow. Messages behind it wait for its end.
    mutating func arrivalsOfParts(at now: Instant, _ random: inout SeededRandom) -> [Instant] {
        guard slowness > .zero else { return [] }
        var time = arrivalAtClient(at: now, &random)
        let end = time.advanced(by: slowness)
        slowness = .zero
        var times: [Instant] = []
        while time < end {
            times.append(time)
            time = time.advanced(by: random.milliseconds(50...3000))
        }
        lastArrivalAtClient = end
        return times
    }

    private func delay(_ random: inout SeededRandom) -> Duration {
        // In 5 of 1000 messages, a segment is lost and sent again.
        let retransmission = random.happens(5) ? random.milliseconds(200...1500) : .zero
        return latency + random.milliseconds(0...jitterMilliseconds) + retransmission
    }
}
