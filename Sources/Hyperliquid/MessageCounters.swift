/// What a upstream subscription has brought.
struct MessageCounters {
    /// What is only added up.
    struct Totals {
        fileprivate(set) var messageCount = 0
        fileprivate(set) var byteCount = 0
        var gapCount = 0
        var undecodableCount = 0
    }

    var totals = Totals()
    private(set) var lastMessageMilliseconds: Int64?
    /// Messages in each of the 59 seconds before the current one; empty before the first message.
    private var seconds: [UInt32] = []
    private var currentSecond: Int64 = 0
    private var currentCount: UInt32 = 0
    private var nextSecondMilliseconds: Int64 = 0

    @inline(__always) mutating func count(byteCount bytes: Int, atMilliseconds now: Int64) {
        totals.messageCount &+= 1
        totals.byteCount &+= bytes
        lastMessageMilliseconds = now
        // Counted apart from the array: no division and no look at who else holds it, for each message.
        if UInt64(bitPattern: nextSecondMilliseconds &- now &- 1) >= 1000 { advance(to: now / 1000) }
        currentCount &+= 1
    }

    private mutating func advance(to second: Int64) {
        if seconds.isEmpty {
            seconds = Array(repeating: 0, count: 60)
        } else {
            seconds[Int(currentSecond % 60)] = currentCount
            // A clock that was set back only makes the last minute's figure young again.
            let steps = second > currentSecond ? min(second - currentSecond, 60) : 60
            for step in 0..<steps { seconds[Int((second - step) % 60)] = 0 }
        }
        currentSecond = second
        currentCount = 0
        nextSecondMilliseconds = (second + 1) * 1000
    }

    /// How many messages came in the 60 s before `now`.
    func lastMinuteCount(atMilliseconds now: Int64) -> Int {
        let second = now / 1000
        guard !seconds.isEmpty, second - currentSecond < 60, second >= currentSecond else { return 0 }
        let earlier = (1..<60).prefix(Int(59 - (second - currentSecond)))
        return earlier.reduce(Int(currentCount)) { $0 + Int(seconds[Int((currentSecond - Int64($1)) % 60)]) }
    }
}
