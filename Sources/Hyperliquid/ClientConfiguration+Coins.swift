extension ClientConfiguration {
    /// Refuses a feed whose coin is not in `knownCoins`.
    func checkCoin(of request: FeedRequest) throws(HyperliquidError) {
        guard let knownCoins, case .string(let name)? = request.fields.first(where: { $0.name == "coin" })?.value,
            !knownCoins.contains(Coin(name))
        else { return }
        let meant = Self.nearest(to: name, in: knownCoins).map { "; did you mean '\($0)'?" } ?? "."
        throw HyperliquidError(
            .invalidFeed,
            "\(request): the coin '\(name)' is not in `knownCoins`, and nothing was sent, because the venue may close the "
                + "connection over an unknown coin\(meant)")
    }

    /// The coin that was most likely meant: one that differs only by case, else the one with the fewest slips, two at
    /// most and fewer than it has letters.
    package static func nearest(to name: String, in coins: Set<Coin>) -> Coin? {
        let folded = name.lowercased()
        let candidates = coins.sorted().map { (coin: $0, slips: slipCount(folded, $0.name.lowercased())) }
        guard let best = candidates.min(by: { $0.slips < $1.slips }) else { return nil }
        return best.slips <= min(2, name.utf8.count - 1) ? best.coin : nil
    }

    /// How many letters have to be changed, left out or put in to make one of the other (Levenshtein).
    private static func slipCount(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, counterpart) in other.enumerated() {
                let replaced = diagonal + (letter == counterpart ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
