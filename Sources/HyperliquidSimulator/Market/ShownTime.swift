internal import HyperliquidWire

/// The venue's clock as messages show it: it may jump, while the time that drives the market goes on.
///
/// A time keeps the offset that was in force when it was present, so a row shows the same time in every message.
struct ShownTime: Hashable, Sendable {
    private struct Jump: Hashable, Sendable {
        /// The first time with the offset, in milliseconds since 1970.
        let start: Int64
        /// What is added to times from there on, in milliseconds.
        let offset: Int64
    }

    private var jumps: [Jump] = []

    /// Adds to all times from `now` on, besides what earlier jumps add.
    mutating func jump(by milliseconds: Int64, at now: Int64) {
        jumps.append(Jump(start: now, offset: (jumps.last?.offset ?? 0) + milliseconds))
    }

    /// A time as messages show it, in milliseconds since 1970.
    func shown(_ time: Int64) -> Int64 { time + (jumps.last { $0.start <= time }?.offset ?? 0) }

    // MARK: Messages

    /// The keys whose values are times. Those of candles are left out: they are multiples of the interval.
    private static let keys = ["time", "timestamp", "statusTimestamp", "serverTime", "blockTime"].map {
        Array("\"\($0)\":".utf8)
    }

    /// The message with its times as the clock shows them. Times in seconds stay in seconds.
    func shown(in message: [UInt8]) -> [UInt8] {
        guard !jumps.isEmpty else { return message }
        var result: [UInt8] = []
        result.reserveCapacity(message.count)
        var index = 0
        while index < message.count {
            guard message[index] == UInt8(ascii: "\""), let end = Self.endOfKey(at: index, in: message) else {
                result.append(message[index])
                index += 1
                continue
            }
            let digits = message[end...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            result += message[index..<end]
            if let time = Int64(String(decoding: digits, as: UTF8.self)) {
                result += String(shown(orSeconds: time)).utf8
            }
            index = digits.endIndex
        }
        return result
    }

    private static func endOfKey(at index: Int, in message: [UInt8]) -> Int? {
        keys.first { message[index...].starts(with: $0) }.map { index + $0.count }
    }

    private func shown(orSeconds time: Int64) -> Int64 {
        // Seconds have 10 digits until the year 2286, milliseconds 13 since 2001.
        time < 100_000_000_000 ? shown(time * 1000) / 1000 : shown(time)
    }
}
