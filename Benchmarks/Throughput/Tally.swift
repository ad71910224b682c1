internal import Hyperliquid
internal import Synchronization

/// Counts and sums the events, and prints the result after the last frame.
final class Tally: Sendable {
    let arguments: Arguments
    private let frames = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)
    private let sum = Atomic<UInt64>(0)
    private let startCPU = Atomic<UInt64>(0)
    private let startTime = Atomic<Int64>(0)
    private let latencies = Mutex<[Int64]>([])
    private let residentSizes = Mutex<[Double]>([])
    /// Whether more than the sum is measured for each event.
    private let isSpecial: Bool

    init(_ arguments: Arguments) {
        self.arguments = arguments
        isSpecial = arguments.measuresLatency || arguments.measuresMemory || arguments.isSlow
        if arguments.measuresLatency { latencies.withLock { $0.reserveCapacity(arguments.count) } }
    }

    /// Starts the measurement, just before the first subscribe.
    func start() {
        startTime.store(monotonicNanoseconds(), ordering: .relaxed)
        startCPU.store(Usage().cpuMicroseconds.bitPattern, ordering: .relaxed)
    }

    @inline(__always) func take<Event: Summable>(_ event: FeedEvent<Event>) {
        guard case .snapshot(let data) = event else {
            guard case .update(let data) = event else { return takeRest(event) }
            return add(data)
        }
        add(data)
    }

    @inline(__always) private func add<Event: Summable>(_ data: Event) {
        // Callbacks and tasks that prefer the client's event loop all run on it, so no atomic addition is needed.
        let frame = frames.load(ordering: .relaxed) &+ 1
        frames.store(frame, ordering: .relaxed)
        sum.store(sum.load(ordering: .relaxed) &+ data.checksum, ordering: .relaxed)
        if isSpecial { lookCloser(data, frame) }
        if frame >= arguments.count { finish(frame) }
    }

    private func lookCloser<Event: Summable>(_ data: Event, _ frame: Int) {
        if arguments.measuresLatency, frame > arguments.count / 10, let time = data.messageTime {
            let latency = wallNanoseconds() - time
            latencies.withLock { $0.append(latency) }
        }
        if arguments.measuresMemory, frame == 1 || frame == arguments.count / 10 { noteMemory() }
        if frame == 1 { sleep(milliseconds: arguments.stallMilliseconds) }
        if arguments.slowMicroseconds > 0 {
            let end = monotonicNanoseconds() + Int64(arguments.slowMicroseconds) * 1000
            while monotonicNanoseconds() < end {}
        }
        guard arguments.isSlow else { return }
        let missed = dropped.load(ordering: .relaxed)
        if frame + missed >= arguments.count { finish(frame) }
    }

    private func noteMemory() { residentSizes.withLock { $0.append(residentMegabytes()) } }

    private func takeRest<Event>(_ event: FeedEvent<Event>) {
        switch event {
        case .gap(let gap) where gap.reason == .overflow:
            dropped.wrappingAdd(gap.missedCount ?? 0, ordering: .relaxed)
        case .gap(let gap):
            print("the connection was lost: \(gap)")
            exit(1)
        case .undecodable(let fault):
            print("a message could not be read: \(fault)")
            exit(1)
        case .snapshot, .update: break
        }
    }

    private func finish(_ frame: Int) {
        let usage = Usage()
        let cpu = usage.cpuMicroseconds - Double(bitPattern: startCPU.load(ordering: .relaxed))
        let wall = Double(monotonicNanoseconds() - startTime.load(ordering: .relaxed)) / 1e9
        var fields: [(String, String)] = [
            ("client", "\"swift-hyperliquid/\(arguments.mode.rawValue)\""), ("mix", "\"\(arguments.mixName)\""),
            ("frames", "\(frame)"), ("cpu_us_per_msg", rounded(cpu / Double(arguments.count), 4)),
            ("wall_s", rounded(wall, 3)), ("rss_mb", rounded(usage.peakMegabytes, 1)),
            ("checksum", "\"\(sum.load(ordering: .relaxed))\""),
        ]
        if arguments.measuresLatency { fields += quantiles() }
        if arguments.measuresMemory {
            noteMemory()
            let sizes = residentSizes.withLock { $0.map { rounded($0, 2) } }
            fields.append(("resident_mb", "[\(sizes.joined(separator: ","))]"))
        }
        if arguments.isSlow { fields.append(("dropped", "\(dropped.load(ordering: .relaxed))")) }
        print("{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}")
        exit(0)
    }

    private func quantiles() -> [(String, String)] {
        let sorted = latencies.withLock { $0.sorted() }
        guard let last = sorted.last else { return [] }
        let names = [("p50_us", 0.5), ("p99_us", 0.99), ("p999_us", 0.999)]
        let values = names.map { name, share in
            (name, rounded(Double(sorted[Int(Double(sorted.count - 1) * share)]) / 1000, 1))
        }
        return values + [("max_us", rounded(Double(last) / 1000, 1))]
    }
}

/// The value as text, rounded to a number of decimals.
private func rounded(_ value: Double, _ places: Int) -> String {
    let factor = (0..<places).reduce(1.0) { power, _ in power * 10 }
    return "\((value * factor).rounded() / factor)"
}
