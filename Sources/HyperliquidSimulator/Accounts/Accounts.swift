internal import HyperliquidWire

/// The accounts that somebody has looked at.
struct Accounts: Sendable {
    private var all: [Account] = []
    private var places: [Address: Int] = [:]
    /// When the next of them does something.
    private var earliest = Int64.max

    /// Accounts that live at once; the one that was made first gives way, and is made anew when it is asked for.
    private static let limit = 512
    /// What an account has missed that nobody looked at: no more is made up for.
    private static let patience: Int64 = 600_000

    /// Lives through everything up to `time`, in order of time.
    mutating func live(until time: Int64, on floor: inout Floor) {
        guard earliest <= time else { return }
        for index in all.indices { all[index].skip(to: time - Self.patience) }
        while let index = next(), all[index].nextTime <= time {
            floor.now = max(floor.now, all[index].nextTime)
            all[index].live(on: &floor)
        }
        earliest = next().map { all[$0].nextTime } ?? .max
    }

    /// The place of the account that is due first; of several, the one that was made first.
    private func next() -> Int? { all.indices.min { all[$0].nextTime < all[$1].nextTime } }

    /// The account of an address; any address is one.
    mutating func account(_ address: Address, on floor: inout Floor) -> Account {
        if let place = places[address] { return all[place] }
        let account = Account(address, on: &floor)
        if all.count < Self.limit {
            places[address] = all.count
            all.append(account)
        } else {
            let place = places.count % Self.limit
            places[all[place].address] = nil
            places[address] = place
            all[place] = account
        }
        earliest = min(earliest, account.nextTime)
        return account
    }

    /// When the account does something next.
    func nextTime(of address: Address) -> Int64? { places[address].map { all[$0].nextTime } }
}
