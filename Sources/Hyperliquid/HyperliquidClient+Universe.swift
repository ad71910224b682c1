internal import HyperliquidEngine
internal import WebSocketTransport

/// What a client knows of the venue's listings.
struct UniverseState {
    /// What was answered last, and when.
    var known: (universe: Universe, time: Int64)?
    /// When the venue last gave no answer.
    var failureTime: Int64?
    /// The callers that wait for the answer to the caller that asks; `nil` if nobody asks.
    var waiting: [CheckedContinuation<Result<Universe, HyperliquidError>, Never>]?
}

extension HyperliquidClient {
    /// The largest number of dexes that are asked about.
    private static var dexLimit: Int { 64 }
    /// How long a subscription waits for the check of its coin, and for how long after a failure none waits.
    private static var checkTimeout: Duration { .seconds(3) }
    private static var pauseAfterFailure: Duration { .seconds(60) }

    /// What the venue lists: perpetuals of all dexes, spot pairs and outcomes.
    ///
    /// The venue is asked over the WebSocket, with a request for each dex and three more. Callers at the same time share
    /// one answer.
    /// - Parameters:
    ///   - maximumAge: How old the answer may be if one is known: 10 min by default, zero to ask again.
    ///   - timeout: How long to wait for all answers together: 15 s by default.
    /// - Throws: ``HyperliquidError``, as ``post(info:timeout:)`` does.
    public func universe(
        maximumAge: Duration = .seconds(600), timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> Universe {
        if let known = universeState.known, Self.age(of: known.time) <= maximumAge { return known.universe }
        guard universeState.waiting == nil else {
            let result = await withCheckedContinuation { universeState.waiting?.append($0) }
            return try result.get()
        }
        universeState.waiting = []
        let result: Result<Universe, HyperliquidError>
        do throws(HyperliquidError) {
            result = .success(try await askUniverse(timeout))
        } catch {
            result = .failure(error)
        }
        if case .success(let universe) = result {
            universeState.known = (universe, SystemClock.monotonicNanoseconds)
        }
        let waiting = universeState.waiting ?? []
        universeState.waiting = nil
        for caller in waiting { caller.resume(returning: result) }
        return try result.get()
    }

    private static func age(of time: Int64) -> Duration { .nanoseconds(SystemClock.monotonicNanoseconds - time) }

    private func askUniverse(_ timeout: Duration) async throws(HyperliquidError) -> Universe {
        let start = SystemClock.monotonicNanoseconds
        func answer<Value: VenueValue>(
            _ type: String, dex: String? = nil, _: Value.Type
        ) async throws(HyperliquidError) -> Value {
            var writer = JSONWriter()
            writer.beginObject()
            writer.field("type", type)
            writer.field(ifPresent: "dex", dex)
            writer.endObject()
            let message = try await post(
                info: String(decoding: writer.bytes, as: UTF8.self), timeout: max(timeout - Self.age(of: start), .zero))
            do throws(DecodingFault) {
                return try Value(json: message.text)
            } catch {
                throw .unreadable(error, to: .info)
            }
        }
        var perpetuals: [(dex: String, meta: PerpMeta)] = []
        for dex in try await answer("perpDexs", PerpDexes.self).names.prefix(Self.dexLimit) {
            perpetuals.append((dex, try await answer("meta", dex: dex, PerpMeta.self)))
        }
        return Universe(
            perpetuals: perpetuals, spot: try await answer("spotMeta", SpotMeta.self),
            outcomes: try await answer("outcomeMeta", OutcomeMeta.self))
    }

    // MARK: Checks

    /// Checks a feed before anything is sent: its parameters, and its coin as the configuration says.
    /// - Parameter waits: Whether the caller waits for the client to run, if it does not yet.
    /// - Returns: The feed, with its coin as the venue spells it.
    /// - Throws: ``HyperliquidError``, code `invalidFeed`, if a parameter is wrong, or the coin is not listed or delisted.
    func checked<F: Feed>(_ feed: F, waits: Bool) async throws(HyperliquidError) -> F {
        do throws(FeedParameterError) {
            try feed.validate()
        } catch {
            throw HyperliquidError(code: .invalidFeed, message: "\(feed.request): \(error).", cause: error)
        }
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

    /// The market of a coin; `nil` if what the venue lists cannot be had in time.
    /// - Throws: ``HyperliquidError``, code `invalidFeed`, if the coin is not listed or delisted.
    private func market(of coin: Coin, for request: FeedRequest) async throws(HyperliquidError) -> Universe.Market? {
        guard var universe = await learnedUniverse(maximumAge: .seconds(3600)) else { return nil }
        if universe[coin] == nil {
            // It may have been listed since.
            guard let newest = await learnedUniverse(maximumAge: .seconds(10)) else { return nil }
            universe = newest
        }
        guard let market = universe[coin] else {
            throw .unlisted(request, coin, "is not listed", universe.nearest(to: coin))
        }
        if market.isDelisted { throw .unlisted(request, coin, "is delisted", nil) }
        return market
    }

    /// What the venue lists; `nil` if it cannot be had in time, so that no check makes anything unavailable.
    private func learnedUniverse(maximumAge: Duration) async -> Universe? {
        if let time = universeState.failureTime, Self.age(of: time) < Self.pauseAfterFailure { return nil }
        do throws(HyperliquidError) {
            return try await universe(maximumAge: maximumAge, timeout: Self.checkTimeout)
        } catch {
            let isAnswerless = error.code != .cancelled && error.code != .notRunning
            if isAnswerless { universeState.failureTime = SystemClock.monotonicNanoseconds }
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
