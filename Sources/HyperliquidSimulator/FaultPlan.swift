internal import HyperliquidWire

/// Something that goes wrong at the exchange.
public enum FaultAction: Hashable, Sendable {
    /// Connections that a fault meets.
    public enum Target: Hashable, Sendable {
        /// Every open connection.
        case all
        /// The one that has been open for the longest time.
        case oldest
        /// The one that was opened last.
        case newest
        /// The open connection at this place, counted from 0 by age.
        case at(Int)
    }

    /// The exchange closes with code 1000, "Expired": its routine rotation.
    case expire(Target)
    /// The connection is dropped without a Close frame.
    case kill(Target)
    /// The exchange says nothing more; TCP stays open.
    case silence(Target)
    /// Upgrades are not answered any more, or are again.
    case stallUpgrades(Bool)
    /// Upgrades are refused with this status; nothing ends that.
    case refuseUpgrades(status: Int?)
    /// Acknowledgements take this long from now on.
    case delayAnswers(Duration)
    /// So many acknowledgements are never sent.
    case dropAcknowledgements(Int)
    /// Acknowledgements that are due together are sent in reverse order, or are not.
    case reorderAcknowledgements(Bool)
    /// The connection is dropped when its next so many subscribes have come.
    case killAfterSubscribes(Int)
}

/// Faults with their times, as data.
public struct FaultPlan: Hashable, Sendable {
    /// One fault.
    public struct Entry: Hashable, Sendable {
        /// When, counted from the exchange's start, in its own time.
        public let time: Duration
        /// What.
        public let action: FaultAction

        /// A fault at a time.
        public init(at time: Duration, _ action: FaultAction) {
            self.time = time
            self.action = action
        }
    }

    /// The faults by time.
    public private(set) var entries: [Entry]

    /// A plan of these faults, in any order.
    public init(_ entries: [Entry] = []) {
        self.entries = entries.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Reads a JSON array such as
    /// `[{"at_ms":5000,"do":"expire","connection":"oldest"},{"at_ms":9000,"do":"delayAnswers","ms":800}]`.
    ///
    /// `do` is one of `expire`, `kill`, `silence` (with `connection`: `all`, `oldest`, `newest` or a number),
    /// `stallUpgrades` and `reorderAcknowledgements` (with `on`), `refuseUpgrades` (with `status`), `delayAnswers`
    /// (with `ms`), `dropAcknowledgements` and `killAfterSubscribes` (with `count`).
    /// - Throws: ``SimulatorError``, code `invalidFaultPlan`, with the place and what is right.
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
