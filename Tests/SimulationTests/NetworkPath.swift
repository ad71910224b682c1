import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One connection between client and venue: two pipes that keep their order, and what each end knows of it.
struct NetworkPath {
    enum ClientEnd: Hashable {
        case dialling
        case open
        /// Our Close is under way.
        case closing
    }

    enum VenueEnd: Hashable {
        case absent
        case open
        case closed
    }

    /// By its number at the venue.
    let id: ConnectionID
    let endpoint: EndpointKind
    /// The shortest way from end to end.
    let latency: Duration
    /// How much longer a message may take.
    let jitterMilliseconds: Int
    var clientEnd = ClientEnd.dialling
    var venueEnd = VenueEnd.absent
    /// Nothing travels any more, though the ends may not know it.
    var isCut = false
    private var lastArrivalAtVenue = Instant.start
    private var lastArrivalAtClient = Instant.start

    init(id: ConnectionID, endpoint: EndpointKind, latency: Duration, jitterMilliseconds: Int) {
        self.id = id
        self.endpoint = endpoint
        self.latency = latency
        self.jitterMilliseconds = jitterMilliseconds
    }

    var connection: Exchange.ConnectionID { Exchange.ConnectionID(id.rawValue) }

    /// When what leaves the client now arrives: never before what left earlier.
    mutating func arrivalAtVenue(at now: Instant, _ random: inout SeededRandom) -> Instant {
        lastArrivalAtVenue = max(lastArrivalAtVenue, now.advanced(by: delay(&random)))
        return lastArrivalAtVenue
    }

    mutating func arrivalAtClient(at now: Instant, _ random: inout SeededRandom) -> Instant {
        lastArrivalAtClient = max(lastArrivalAtClient, now.advanced(by: delay(&random)))
        return lastArrivalAtClient
    }

    private func delay(_ random: inout SeededRandom) -> Duration {
        // Now and then a segment is lost and sent again.
        let retransmission = random.happens(5) ? random.milliseconds(200...1500) : .zero
        return latency + random.milliseconds(0...jitterMilliseconds) + retransmission
    }
}
