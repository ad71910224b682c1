internal import HyperliquidWire

extension Account {
    /// An order that is filled in slices.
    struct Twap: Hashable, Sendable {
        let id: Int64
        let coin: Int
        let isBuy: Bool
        let size: Int64
        let startedAt: Int64
        var executed: Int64 = 0
        /// In millionths of a USDC.
        var executedNotional: Int64 = 0
    }

    /// Starts a TWAP of two slices, with the first of them.
    mutating func startTwap(_ round: Int, on floor: inout Floor) {
        let coin = round % 4 == 3 ? favourites.builder : favourites.second
        let lot = floor.listing.instruments[coin].lot
        twap = Twap(id: floor.nextTwapID(), coin: coin, isBuy: round % 2 == 0, size: lot / 2 * 2 + 2, startedAt: clock)
        reportTwap("activated", floor.listing)
        fillTwapSlice(isLast: false, on: &floor)
    }

    mutating func fillTwapSlice(isLast: Bool, on floor: inout Floor) {
        guard var running = twap else { return }
        let size = isLast ? running.size - running.executed : running.size / 2
        let fills = take(
            size, of: running.coin, isBuy: running.isBuy, type: "Twap Slice", twapID: running.id, on: &floor)
        let instrument = floor.listing.instruments[running.coin]
        for fill in fills {
            let units = Int64(fill.size.rescaled(to: instrument.sizeScale))
            running.executed += units
            running.executedNotional += instrument.millionths(
                Int64(fill.price.rescaled(to: instrument.priceScale)) * units)
            rows.twapSlices.append(TwapSliceFill(fill: fill, twapID: running.id))
        }
        if !fills.isEmpty {
            rows.events.append(.twapSliceFills(fills.map { TwapSliceFill(fill: $0, twapID: running.id) }))
        }
        twap = running
        guard isLast else { return }
        reportTwap(running.executed < running.size ? "terminated" : "finished", floor.listing)
        twap = nil
    }

    /// The venue's times of TWAP records are seconds (docs/protocol.md, "userTwapHistory").
    private mutating func reportTwap(_ status: String, _ listing: Listing) {
        guard let twap else { return }
        let record = TwapRecord(
            timeSeconds: clock / 1000, state: state(of: twap, listing), status: TwapStatus(status: status),
            twapID: twap.id)
        rows.twapHistory.append(record)
        rows.events.append(.twapHistory([record]))
        version += 1
    }

    func state(of twap: Twap, _ listing: Listing) -> TwapState {
        let instrument = listing.instruments[twap.coin]
        return TwapState(
            coin: instrument.coin, user: address, side: twap.isBuy ? .buy : .sell, size: instrument.size(twap.size),
            executedSize: instrument.size(twap.executed), executedNotional: .venue(twap.executedNotional, scale: 6),
            durationMinutes: 5, isReduceOnly: false, isRandomized: true, timeMilliseconds: twap.startedAt)
    }
}
