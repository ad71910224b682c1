internal import HyperliquidWire

/// The instruments of the exchange, in the order in which the venue names them. Coins are listed and delisted while it
/// runs.
struct Listing: Sendable {
    /// A dex of perpetuals.
    struct PerpDex: Hashable, Sendable {
        /// The name of the dex; empty for the main dex.
        let name: String
        /// The indices of its coins, delisted ones included.
        fileprivate(set) var coins: [Int] = []
    }

    /// Everything that is or was listed. An index is never given to another instrument.
    private(set) var instruments: [Instrument] = []
    /// The dexes of perpetuals, the main one first.
    private(set) var dexes = [PerpDex(name: "")]
    /// The indices of the listed spot pairs.
    private(set) var spot: [Int] = []
    /// The indices of the listed sides of outcomes.
    private(set) var outcomes: [Int] = []
    private var indices: [String: Int] = [:]

    private static let full = Listing(.full)
    private static let small = Listing(.small)

    static func of(_ size: MarketSize) -> Listing { size == .full ? full : small }

    private init(_ size: MarketSize) {
        for instrument in Self.mainPerps(size) { add(instrument) }
        for dex in Self.builderDexes(size) {
            let index = dexIndex(named: dex.name)
            for coin in dex.coins { add(Self.builderPerp(coin, dex: index, name: dex.name)) }
        }
        for instrument in Self.spotPairs(size) + Self.outcomeSides(size) { add(instrument) }
    }

    /// The index of a listed coin, by its exact name or by the readable name of a spot pair.
    func index(of name: String) -> Int? { indices[name].flatMap { isListed($0) ? $0 : nil } }

    /// The index of a coin that is or was listed, by the same names.
    func indexOfAny(_ name: String) -> Int? { indices[name] }

    /// Whether an instrument is listed. A delisted perpetual still is, with a mark; others are no longer mentioned.
    func isListed(_ index: Int) -> Bool { instruments[index].isPerp || !instruments[index].isDelisted }

    /// The index of a dex by its name, which is empty for the main dex.
    func dex(named name: String) -> Int? { dexes.firstIndex { $0.name == name } }

    /// The coins in the mid prices of a dex. Those of the main dex include spot pairs and outcomes.
    func coins(withDex dex: Int) -> [Int] { dex == 0 ? dexes[0].coins + spot + outcomes : dexes[dex].coins }

    /// The number of tokens, USDC first. Their indices have no gaps, since clients look tokens up by position.
    var tokenCount: Int {
        1 + (instruments.map { if case .spot(_, let token) = $0.kind { token } else { 0 } }.max() ?? 0)
    }

    func tokenName(_ token: Int) -> String {
        Self.tokenNames[token] ?? "TKN\(token)"
    }

    // MARK: Changes

    /// Lists a coin, or lets a delisted one be traded again. The name says what it is: `NEW`, `xyz:NEW` of a dex that is
    /// made if there is none, the spot pair `@300`, or `#20000`, with the other side of the outcome.
    /// - Returns: The indices of the coins that are traded from now on; none if it was traded already.
    mutating func list(_ name: String, block: Int64) -> [Int] {
        names(besides: name).compactMap { name in
            if let index = indices[name] {
                guard instruments[index].isDelisted else { return nil }
                instruments[index].isDelisted = false
                mention(index)
                return index
            }
            guard var instrument = makeInstrument(name) else { return nil }
            instrument.firstBlock = block
            add(instrument)
            return instruments.count - 1
        }
    }

    /// Delists a coin, with the other side of its outcome if it is one.
    /// - Returns: The indices of the coins that are no longer traded; none if it was not traded.
    mutating func delist(_ name: String) -> [Int] {
        names(besides: name).compactMap { name in
            guard let index = indices[name], !instruments[index].isDelisted else { return nil }
            instruments[index].isDelisted = true
            spot.removeAll { $0 == index }
            outcomes.removeAll { $0 == index }
            return index
        }
    }

    /// Whether a coin of this name can be listed.
    static func canList(_ name: String) -> Bool {
        var listing = small
        return listing.indices[name] != nil || listing.makeInstrument(name) != nil
    }

    /// The names of the coins that are listed and delisted together.
    private func names(besides name: String) -> [String] {
        guard name.hasPrefix("#"), let last = name.last, last == "0" || last == "1" else { return [name] }
        return ["0", "1"].map { name.dropLast() + $0 }
    }

    private mutating func makeInstrument(_ name: String) -> Instrument? {
        guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0 == "+" || $0.isWhitespace }) else { return nil }
        if name.hasPrefix("#") {
            guard let side = Int(name.dropFirst()), side >= 10, side % 10 < 2 else { return nil }
            return Self.outcomeSides(side / 10)[side % 10]
        }
        if name.hasPrefix("@") {
            return Int(name.dropFirst()).map {
                Self.minor(name, .spot(pair: $0, token: tokenCount), leverage: 1)
            }
        }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let dex = parts.count == 2 ? dexIndex(named: String(parts[0])) : 0
        return Self.minor(name, .perp(dex: dex), leverage: 5)
    }

    /// The index of a dex, which is made if there is none.
    private mutating func dexIndex(named name: String) -> Int {
        if let index = dex(named: name) { return index }
        dexes.append(PerpDex(name: name))
        return dexes.count - 1
    }

    private mutating func add(_ instrument: Instrument) {
        let index = instruments.count
        instruments.append(instrument)
        indices[instrument.coin.name] = index
        if case .spot(_, let token) = instrument.kind { indices["\(tokenName(token))/USDC"] = index }
        if case .perp(let dex) = instrument.kind { dexes[dex].coins.append(index) }
        mention(index)
    }

    /// Shows a spot pair or a side of an outcome among the others of its kind.
    private mutating func mention(_ index: Int) {
        switch instruments[index].kind {
        case .perp: break
        case .spot: spot.append(index)
        case .outcome: outcomes.append(index)
        }
    }
}
