internal import HyperliquidEngine
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import WebSocketTransport

extension HyperliquidClient {
    /// The largest number of dexes that are asked about: each costs a request.
    private static var dexLimit: Int { 64 }

    /// How long a question goes on, even if its callers wait for less.
    private static var questionTimeout: Duration { .seconds(15) }

    /// The client's time line.
    static var now: Instant { Instant(nanoseconds: SystemClock.monotonicNanoseconds) }

    /// What the venue lists: perpetuals of all dexes, spot pairs and outcomes.
    ///
    /// The venue is asked over the WebSocket, with a request for each dex and three more. Callers at the same time share
    /// one answer. An answer is kept, but the venue is asked again, after 30 s at the earliest, if the client's feeds show
    /// that something was listed or settled since: a coin that is not known in `allMids` or in contexts, or an event of
    /// `outcomeMetaUpdates`.
    /// - Parameters:
    ///   - maximumAge: How old the answer may be if one is known: 10 min by default, zero to ask again.
    ///   - timeout: How long to wait for all answers together: 15 s by default.
    /// - Throws: ``HyperliquidError``, as ``post(info:timeout:)`` does, and with the code `unreadableAnswer` if the answer
    ///   lists more than 64 dexes, or no perpetual of the main dex.
    public func universe(
        maximumAge: Duration = .seconds(600), timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> Universe {
        let start = Self.now
        while true {
            let rest = max(timeout - start.duration(to: Self.now), .zero)
            switch listings.answer(maximumAge: maximumAge, runtime.listingEvidence, at: Self.now) {
            case .known(let universe): return universe
            case .renew(let universe, let question):
                // Without a newer answer, this one still holds.
                return asking == nil ? (try? await ask(question, rest).get()) ?? universe : universe
            case .ask: break
            }
            guard let asking else { return try await ask(.everything, rest).get() }
            do throws(HyperliquidError) {
                let universe = try await result(of: asking.result, within: rest).get()
                if asking.question == .everything { return universe }
            } catch {
                // The caller that asks may have less time than this one, or may leave.
                let isOthers = error.code == .timedOut || error.code == .notRunning || error.code == .cancelled
                guard isOthers, !Task.isCancelled, start.duration(to: Self.now) < timeout else { throw error }
            }
        }
    }

    /// A question for all callers at the same time.
    struct Asking {
        typealias Answer = LiveValue<Result<Universe, HyperliquidError>?>
        let question: ListingState.Question
        let timeout: Duration
        let result: Answer
        var isCarriedOut = false
    }

    /// Asks the venue. A running client does so in a task of its own: an answer that comes after the callers have left is
    /// kept for the next ones.
    private func ask(
        _ question: ListingState.Question, _ timeout: Duration
    ) async -> Result<Universe, HyperliquidError> {
        let asking = Asking(
            question: question, timeout: max(timeout, Self.questionTimeout), result: Asking.Answer(nil))
        self.asking = asking
        listings.willAsk(runtime.listingEvidence, at: Self.now)
        guard isRunning, !runtime.isFinished else { return await carryOut(asking, timeout) }
        listingNews.change { _ in true }
        // The question's own error tells more than the end of the caller's time, so it is waited for if it comes by then.
        return await result(of: asking.result, within: asking.timeout > timeout ? timeout : nil)
    }

    /// Carries out the questions of callers, until the task is cancelled.
    func askListings() async {
        while !Task.isCancelled {
            let version = listingNews.current.version
            if let asking, !asking.isCarriedOut {
                _ = await carryOut(asking, asking.timeout)
            } else {
                await listingNews.wait(after: version)
            }
        }
        // The client has ended, which the callers are told.
        if let asking, !asking.isCarriedOut { _ = await carryOut(asking, .zero) }
    }

    private func carryOut(_ asking: Asking, _ timeout: Duration) async -> Result<Universe, HyperliquidError> {
        self.asking?.isCarriedOut = true
        let question = asking.question
        let result: Result<Universe, HyperliquidError>
        do throws(HyperliquidError) {
            let parts = try await askParts(question, timeout)
            let universe = parts.universe
            guard universe.markets.contains(where: { $0.kind == .perpetual(dex: "") }) else {
                throw .implausibleUniverse("it lists no perpetual of the main dex")
            }
            listings.answered(question, parts, universe, at: Self.now)
            updateFollowers(universe, question)
            result = .success(universe)
        } catch {
            result = .failure(error)
        }
        self.asking = nil
        asking.result.change { value in
            value = result
            return true
        }
        return result
    }

    /// Waits for the answer to a question, without limit if there is no timeout.
    private func result(
        of asking: Asking.Answer, within timeout: Duration?
    ) async -> Result<Universe, HyperliquidError> {
        let isOutOfTime = NIOLockedValueBox(false)
        // A deadline beyond the range of the loop's clock would trap.
        let timer = timeout.map { timeout in
            eventLoop.scheduleTask(in: .nanoseconds(min(timeout.nanoseconds, .max / 4))) {
                isOutOfTime.withLockedValue { $0 = true }
                asking.change { _ in true }
            }
        }
        defer { timer?.cancel() }
        while true {
            let (result, version) = asking.current
            if let result { return result }
            if Task.isCancelled { return .failure(HyperliquidError(.cancelled, lastFailure: nil)) }
            if isOutOfTime.withLockedValue({ $0 }) {
                let failure = runtime.connections.failure(of: .api)
                return .failure(HyperliquidError(.timedOut(likelyWait), lastFailure: failure))
            }
            await asking.wait(after: version)
        }
    }

    /// The likely reason why a question has no answer yet.
    private var likelyWait: Engine.PostWait {
        if !isRunning { return .start }
        if runtime.connections.failure(of: .api) != nil { return .connection }
        return runtime.shared.turn.limiter.questionsPausedUntil > Self.now ? .requestPause : .answer
    }

    private func askParts(
        _ question: ListingState.Question, _ timeout: Duration
    ) async throws(HyperliquidError) -> ListingState.Parts {
        let start = Self.now
        if question == .outcomes, var parts = listings.parts {
            parts.outcomes = try await answer(to: "outcomeMeta", OutcomeMeta.self, from: start, timeout).get()
            return parts
        }
        // Questions that do not depend on each other are asked at once: the venue may be a third of a second away.
        async let spot = answer(to: "spotMeta", SpotMeta.self, from: start, timeout)
        async let outcomes = answer(to: "outcomeMeta", OutcomeMeta.self, from: start, timeout)
        let dexes = try await answer(to: "perpDexs", PerpDexes.self, from: start, timeout).get().names
        guard dexes.count <= Self.dexLimit else {
            throw .implausibleUniverse("it lists \(dexes.count) dexes, more than \(Self.dexLimit)")
        }
        let metas = await withTaskGroup(returning: [Int: Result<PerpMeta, HyperliquidError>].self) { group in
            for (index, dex) in dexes.enumerated() {
                group.addTask {
                    (index, await self.answer(to: "meta", dex: dex, PerpMeta.self, from: start, timeout))
                }
            }
            var metas: [Int: Result<PerpMeta, HyperliquidError>] = [:]
            for await (index, meta) in group { metas[index] = meta }
            return metas
        }
        var perpetuals: [(dex: String, meta: PerpMeta)] = []
        for (index, dex) in dexes.enumerated() {
            if let meta = try metas[index]?.get() { perpetuals.append((dex, meta)) }
        }
        return try await ListingState.Parts(perpetuals: perpetuals, spot: spot.get(), outcomes: outcomes.get())
    }

    /// The answer to one question, until a time after the start of all.
    private func answer<Value: VenueValue>(
        to type: String, dex: String? = nil, _: Value.Type, from start: Instant, _ timeout: Duration
    ) async -> Result<Value, HyperliquidError> {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", type)
        writer.field(ifPresent: "dex", dex)
        writer.endObject()
        do throws(HyperliquidError) {
            let message = try await post(
                info: String(decoding: writer.bytes, as: UTF8.self),
                timeout: max(timeout - start.duration(to: Self.now), .zero))
            do throws(DecodingFault) {
                return .success(try Value(json: message.text))
            } catch {
                throw .unreadable(error, to: .info)
            }
        } catch {
            return .failure(error)
        }
    }
}

extension HyperliquidError {
    fileprivate static func implausibleUniverse(_ problem: String) -> HyperliquidError {
        HyperliquidError(
            code: .unreadableAnswer, message: "What the venue says that it lists is not believable: \(problem).")
    }
}

extension HyperliquidClient {
    /// For how long after a failure no subscription waits for the check of its coin.
    private static var pauseAfterFailure: Duration { .seconds(60) }

    /// Checks a feed before anything is sent: its parameters, and its coin as the configuration says.
    /// - Parameter waits: Whether the caller waits for the client to run, if it does not yet.
    /// - Returns: The feed, with its coin as the venue spells it.
    /// - Throws: ``HyperliquidError``, code `invalidFeed`, if a parameter is wrong, or the coin is not listed or delisted.
    func checked<F: Feed>(_ feed: F, waits: Bool) async throws(HyperliquidError) -> F {
        try Self.validate(feed)
        guard let name = feed.request.coin else { return feed }
        let coin = Coin(name)
        switch runtime.configuration.coinCheck {
        case .none: break
        case .list(let coins):
            if !coins.contains(coin) {
                throw .unlisted(
                    feed.request, coin, "is not in the list of `coinCheck`", NearestName.find(for: name, in: coins))
            }
        case .learned:
            guard isRunning || waits else { break }
            guard let market = try await market(of: coin, for: feed.request), market.coin != coin else { break }
            // The venue takes the readable name of some pairs only (docs/protocol.md, "Coins").
            guard let respelt = feed.request.respelt(market.coin, for: feed) else {
                throw .unlisted(feed.request, coin, "is spelt otherwise by the venue", market.coin)
            }
            return respelt
        }
        return feed
    }

    /// Checks the parameters of a feed.
    /// - Throws: ``HyperliquidError``, code `invalidFeed`, if one is wrong.
    static func validate(_ feed: some Feed) throws(HyperliquidError) {
        do throws(FeedParameterError) {
            try feed.validate()
        } catch {
            throw HyperliquidError(code: .invalidFeed, message: "\(feed.request): \(error).", cause: error)
        }
    }

    /// The market of a coin; `nil` if what the venue lists cannot be had in time.
    /// - Throws: ``HyperliquidError``, code `invalidFeed`, if the coin is not listed or delisted.
    private func market(of coin: Coin, for request: FeedRequest) async throws(HyperliquidError) -> Universe.Market? {
        guard let known = await learnedUniverse(maximumAge: .seconds(3600)) else { return nil }
        if let market = known[coin], !market.isDelisted { return market }
        // It may have been listed since.
        let newest = await learnedUniverse(maximumAge: listings.newestAge)
        let universe = newest ?? known
        if let objection = universe.objection(to: coin, isNewest: newest != nil) {
            throw .unlisted(request, coin, objection.problem, objection.nearest)
        }
        return universe[coin]
    }

    /// What the venue lists; `nil` if it cannot be had in time, so that no check makes anything unavailable.
    private func learnedUniverse(maximumAge: Duration) async -> Universe? {
        if let time = listings.failedAt, time.duration(to: Self.now) < Self.pauseAfterFailure {
            return listings.universe(maximumAge: maximumAge, at: Self.now)
        }
        do throws(HyperliquidError) {
            return try await universe(maximumAge: maximumAge, timeout: listings.checkTimeout)
        } catch {
            if isRunning, error.code != .cancelled { listings.failed(at: Self.now) }
            return nil
        }
    }
}

extension HyperliquidError {
    fileprivate static func unlisted(
        _ request: FeedRequest, _ coin: Coin, _ problem: String, _ nearest: Coin?
    ) -> HyperliquidError {
        let suggestion = nearest.map { "; did you mean '\($0)'?" } ?? "."
        return HyperliquidError(
            code: .invalidFeed,
            message:
                "\(request): the coin '\(coin)' \(problem), and nothing was sent, because the venue may close the "
                + "connection over such a coin\(suggestion)")
    }
}

extension FeedRequest {
    /// The same feed with another spelling of its coin; `nil` for a type of a program's own.
    fileprivate func respelt<F: Feed>(_ coin: Coin, for feed: F) -> F? {
        let fields = fields.map { ($0.name, $0.name == "coin" ? Value.string(coin.name) : $0.value) }
        if feed is RawFeed { return RawFeed(type: type, fields: fields) as? F }
        guard feed is any CatalogueFeed else { return nil }
        return (try? FeedCatalogue.makeFeed(type: type, parameters: fields)) as? F
    }
}
