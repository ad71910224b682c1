internal import HyperliquidWire

/// A fault of the exchange or of its connections.
///
/// ``SimulatedExchange/perform(_:)`` makes one happen at once, a ``FaultPlan`` at a given time. Durations are in the
/// exchange's own time.
public enum FaultAction: Hashable, Sendable {
    /// The open connections that a fault affects.
    public enum Target: Hashable, Sendable {
        /// Every open connection.
        case all
        /// The connection that was opened first.
        case oldest
        /// The connection that was opened last.
        case newest
        /// The connection at this index, counted from 0, oldest first; none if there are fewer connections.
        case at(Int)
    }

    /// The connections are closed with code 1000 and the reason `Expired`, as in the venue's routine rotation.
    case expire(Target)
    /// The connections are dropped without a Close frame.
    case kill(Target)
    /// The exchange sends nothing more on the connections, and never closes them. TCP stays open.
    case silence(Target)
    /// `true`: WebSocket upgrades are no longer answered. `false`: they are answered again.
    case stallUpgrades(Bool)
    /// WebSocket upgrades are refused with this HTTP status; with `nil`, they are accepted again.
    case refuseUpgrades(status: Int?)
    /// Acknowledgements, error messages and answers to posts are delayed by this much from now on.
    case delayAnswers(Duration)
    /// This number of acknowledgements, from the next one on, are never sent. Their subscriptions start, and data
    /// arrive.
    case dropAcknowledgements(Int)
    /// `true`: acknowledgements that wait to be sent together are sent in reverse order. `false`: in order again.
    case reorderAcknowledgements(Bool)
    /// After this number of further subscribe requests, the connection that has sent the last one is dropped without a
    /// Close frame.
    case killAfterSubscribes(Int)
}

/// Faults with the times at which they happen.
public struct FaultPlan: Hashable, Sendable {
    /// A fault and its time.
    public struct Entry: Hashable, Sendable {
        /// The time of the fault since the exchange's start, in the exchange's own time.
        public let time: Duration
        /// The fault.
        public let action: FaultAction

        /// A fault that happens at a time since the exchange's start.
        public init(at time: Duration, _ action: FaultAction) {
            self.time = time
            self.action = action
        }
    }

    /// The faults, ordered by time. Faults of the same time keep the order in which they were given.
    public private(set) var entries: [Entry]

    /// A plan of faults, given in any order. Empty by default.
    public init(_ entries: [Entry] = []) {
        self.entries = entries.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Reads a plan from a JSON array such as
    /// `[{"at_ms":5000,"do":"expire","connection":"oldest"},{"at_ms":9000,"do":"delayAnswers","ms":800}]`.
    ///
    /// Each object has `at_ms`, the time since the exchange's start in milliseconds (0 by default), and `do`, the fault:
    ///
    /// - `expire`, `kill` or `silence`, with `connection`: `"all"` (the default), `"oldest"`, `"newest"` or an index.
    /// - `stallUpgrades` or `reorderAcknowledgements`, with `on`: `true` (the default) or `false`.
    /// - `refuseUpgrades`, with `status`: an HTTP status. Without one, upgrades are accepted again.
    /// - `delayAnswers`, with `ms`: a number of milliseconds (0 by default).
    /// - `dropAcknowledgements` or `killAfterSubscribes`, with `count`: a number (1 by default).
    ///
    /// - Throws: ``SimulatorError`` with the code `invalidFaultPlan`; its message names the position of the mistake and
    ///   shows a correct plan.
    public init(json: [UInt8]) throws(SimulatorError) {
        do throws(DecodingFault) {
            self.init(try MessageReader.read(json) { (reader) throws(DecodingFault) in try Self.entries(&reader) })
        } catch {
            throw SimulatorError(
                .invalidFaultPlan,
                "The fault plan cannot be read (\(error)); write "
                    + #"[{"at_ms":5000,"do":"expire","connection":"oldest"}]"#)
        }
    }

    private static func entries(_ reader: inout MessageReader) throws(DecodingFault) -> [Entry] {
        try reader.readArray { (reader) throws(DecodingFault) in
            let start = reader.byteOffset
            guard let entry = try Self.entry(&reader) else {
                throw DecodingFault(.missingField, at: start, field: "do")
            }
            return entry
        }
    }

    private static func entry(_ reader: inout MessageReader) throws(DecodingFault) -> Entry? {
        var time: Int64 = 0
        var name = ""
        var target = FaultAction.Target.all
        var number: Int?
        var isOn = true
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "at_ms": time = try reader.readInteger()
            case "do": name = try reader.readString()
            case "connection": target = try Self.target(&reader)
            case "on": isOn = try reader.readBoolean()
            case "ms", "count", "status": number = try reader.readInt()
            default: try reader.skipUnknown()
            }
        }
        let action: FaultAction? =
            switch name {
            case "expire": .expire(target)
            case "kill": .kill(target)
            case "silence": .silence(target)
            case "stallUpgrades": .stallUpgrades(isOn)
            case "refuseUpgrades": .refuseUpgrades(status: number)
            case "delayAnswers": .delayAnswers(.milliseconds(number ?? 0))
            case "dropAcknowledgements": .dropAcknowledgements(number ?? 1)
            case "reorderAcknowledgements": .reorderAcknowledgements(isOn)
            case "killAfterSubscribes": .killAfterSubscribes(number ?? 1)
            default: nil
            }
        return action.map { Entry(at: .milliseconds(time), $0) }
    }

    private static func target(_ reader: inout MessageReader) throws(DecodingFault) -> FaultAction.Target {
        guard reader.peekType() == .string else { return .at(try reader.readInt()) }
        let start = reader.byteOffset
        switch try reader.readString() {
        case "all": return .all
        case "oldest": return .oldest
        case "newest": return .newest
        default: throw DecodingFault(.unexpectedType, at: start)
        }
    }
}
