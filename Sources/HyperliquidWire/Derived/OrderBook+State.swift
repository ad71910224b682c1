extension OrderBook {
    /// Whether the book can be relied on.
    public enum State: Hashable, Sendable {
        /// No message has come yet, or the newest ones say that neither side has an order.
        case empty
        /// At least one side has levels, the best bid is below the best ask, and nothing is old or missing.
        case valid
        /// The newest message itself has a bid at or above an ask. It is shown as it came.
        case crossed
        /// Nothing is known since then, by the venue's clock in milliseconds since 1970: the newest message is older
        /// than the bound, or a gap came after it and what it hid has not been replaced yet.
        case stale(sinceMilliseconds: Int64)
    }

    /// Whether the book can be relied on at a moment.
    /// - Parameters:
    ///   - now: The venue's present time, in milliseconds since 1970.
    ///   - bound: How old the newest message may be: 15 s by default, three ticks of a full book, which the venue
    ///     sends whether or not it changed. Of `bbo` alone a quiet coin may say nothing for longer.
    public func state(at now: Int64, staleAfter bound: Duration = .seconds(15)) -> State {
        guard let newestTimeMilliseconds else { return .empty }
        // A peer's time is any 64-bit number, so the difference may overflow.
        let (age, isFarOff) = now.subtractingReportingOverflow(newestTimeMilliseconds)
        let isOld = isFarOff ? now > newestTimeMilliseconds : Duration.milliseconds(age) > bound
        if isInterrupted || isOld { return .stale(sinceMilliseconds: newestTimeMilliseconds) }
        switch (bestBid, bestAsk) {
        case (let bid?, let ask?): return bid.price < ask.price ? .valid : .crossed
        case (nil, nil): return .empty
        case (nil, _?), (_?, nil): return .valid
        }
    }
}
