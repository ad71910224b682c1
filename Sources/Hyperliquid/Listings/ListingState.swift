package import HyperliquidWire

extension Universe {
    /// Why a coin is not sent; `nil` if nothing speaks against it.
    /// - Parameter isNewest: Whether the venue was asked just now. Else a coin that is missing may have been listed since,
    ///   unless it is a listed coin in the wrong case.
    package func objection(to coin: Coin, isNewest: Bool) -> (problem: String, nearest: Coin?)? {
        if let market = self[coin] { return market.isDelisted ? ("is delisted", nil) : nil }
        let nearest = nearest(to: coin)
        guard isNewest || nearest?.name.lowercased() == coin.name.lowercased() else { return nil }
        return ("is not listed", nearest)
    }
}

/// The venue's listings, as far as they are known, and the next question about them. It decides; the client asks.
package struct ListingState {
    /// The venue's answers, of which a universe is made.
    package struct Parts {
        package let perpetuals: [(dex: String, meta: PerpMeta)]
        package let spot: SpotMeta
        package var outcomes: OutcomeMeta

        package init(perpetuals: [(dex: String, meta: PerpMeta)], spot: SpotMeta, outcomes: OutcomeMeta) {
            (self.perpetuals, self.spot, self.outcomes) = (perpetuals, spot, outcomes)
        }

        package var universe: Universe { Universe(perpetuals: perpetuals, spot: spot, outcomes: outcomes) }
    }

    /// A question to the venue.
    package enum Question: Hashable {
        case everything
        /// Only the outcomes, because only they are known to have changed.
        case outcomes
    }

    /// Traces of the listings in other messages.
    package struct Evidence {
        package var shown: [ListingEvidence] = []
        /// The number of messages about outcomes.
        package var outcomeMessageCount = 0

        package init(shown: [ListingEvidence] = [], outcomeMessageCount: Int = 0) {
            (self.shown, self.outcomeMessageCount) = (shown, outcomeMessageCount)
        }
    }

    package enum Answer {
        case known(Universe)
        /// The known listings are too old, or there are none.
        case ask
        /// The known listings are not too old, but the evidence contradicts them.
        case renew(Universe, Question)
    }

    /// Nothing is asked because of evidence within this time after another question: a whole answer costs a tenth of the
    /// requests of a minute and more (docs/protocol.md, "L10").
    private let evidencePause: Duration
    /// How old an answer may be for a coin that it lacks to be refused.
    package let newestAge: Duration
    /// How long a subscription waits for the check of its coin.
    package let checkTimeout: Duration
    private var universe: Universe?
    package private(set) var parts: Parts?
    /// When everything was answered last.
    private var answeredAt = Instant.start
    /// When anything was asked last.
    private var askedAt = Instant.start
    package private(set) var failedAt: Instant?
    /// Evidence that an answer did not explain. It is no reason to ask again.
    private var settled: Set<ListingEvidence> = []
    private var settledOutcomeMessageCount = 0
    /// The evidence when the venue was asked.
    private var asked = Evidence()

    package init(
        evidencePause: Duration = .seconds(30), newestAge: Duration = .seconds(10),
        checkTimeout: Duration = .seconds(3)
    ) {
        (self.evidencePause, self.newestAge, self.checkTimeout) = (evidencePause, newestAge, checkTimeout)
    }

    /// The known listings; `nil` if they are too old, or if there are none.
    package func universe(maximumAge: Duration, at now: Instant) -> Universe? {
        answeredAt.duration(to: now) <= maximumAge ? universe : nil
    }

    /// The known listings, or the question to ask first.
    /// - Parameters:
    ///   - maximumAge: How old the last whole answer may be.
    ///   - evidence: Gathered only if it matters.
    package func answer(maximumAge: Duration, _ evidence: @autoclosure () -> Evidence, at now: Instant) -> Answer {
        guard let universe = universe(maximumAge: maximumAge, at: now) else { return .ask }
        guard askedAt.duration(to: now) >= evidencePause else { return .known(universe) }
        let evidence = evidence()
        if !universe.unexplained(evidence.shown).allSatisfy(settled.contains) { return .renew(universe, .everything) }
        if evidence.outcomeMessageCount != settledOutcomeMessageCount { return .renew(universe, .outcomes) }
        return .known(universe)
    }

    /// Notes that the venue is about to be asked, and the evidence until then, which the answer may explain.
    package mutating func willAsk(_ evidence: Evidence, at now: Instant) { (asked, askedAt) = (evidence, now) }

    /// Takes in what the venue has answered.
    package mutating func answered(_ question: Question, _ parts: Parts, _ universe: Universe, at now: Instant) {
        (self.parts, self.universe) = (parts, universe)
        if question == .everything { answeredAt = now }
        failedAt = nil
        settled = Set(universe.unexplained(asked.shown + settled))
        settledOutcomeMessageCount = asked.outcomeMessageCount
    }

    /// Notes that the venue gave no answer that can be believed.
    package mutating func failed(at now: Instant) { failedAt = now }
}
