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

    /// The names of all faults in JSON.
    package static let faultNames = FaultPlanReader.Name.allCases.map(\.rawValue)

    /// Reads a plan from a JSON array such as
    /// `[{"at_ms":5000,"do":"expire","connection":"oldest"},{"at_ms":9000,"do":"delayAnswers","ms":800}]`.
    ///
    /// Each object has `at_ms`, the time since the exchange's start in milliseconds (0 by default), and `do`, the name
    /// of the ``FaultAction``. The other keys depend on the fault:
    ///
    /// - `expire`, `kill` or `silence`, with `connection`: `"all"` (the default), `"oldest"`, `"newest"` or an index.
    /// - `withholdData` or `withholdPongs`, with `connection` and `on`: `true` (the default) or `false`.
    /// - `sendError`, with `connection` and `text`.
    /// - `close`, with `connection`, `code` (1000 by default) and `reason` (empty by default).
    /// - `stallUpgrades`, `reorderAcknowledgements` or `changeEchoCase`, with `on`.
    /// - `refuseUpgrades`, with `status`: an HTTP status. Without one, upgrades are accepted again.
    /// - `delayAnswers` or `delayData`, with `ms`: a number of milliseconds (0 by default).
    /// - `jumpClock`, with `ms`, which may be negative.
    /// - `dropAcknowledgements`, `glueAcknowledgements` or `killAfterSubscribes`, with `count`: a number (1 by default).
    /// - `poison`, with `subscription`: the request as clients send it, for example `{"type":"bbo","coin":"BTC"}`;
    ///   `on`; `acknowledged` (`false` by default); and, if the connection is closed and not dropped, `code` and
    ///   `reason`.
    /// - `ignore`, with `subscription` and `on`.
    /// - `enlargeMessage`, with `subscription`, `bytes` (20,000,000 by default) and `paddingFirst` (`false` by default).
    /// - `refuseSubscribes`, with `count` and `text`. Without a text, the request is quoted.
    /// - `list` or `delist`, with `coin`: a coin as the exchange spells it, for example `"NEW"` or `"xyz:NEW"`.
    /// - `setLimit`, with `limit`: the name of an ``ExchangeConfiguration/Limit``, and `value`: a number.
    ///
    /// Nothing is skipped: a key that a fault does not have is a mistake.
    ///
    /// - Throws: ``SimulatorError`` with the code `invalidFaultPlan`; its message names the mistake and the entry,
    ///   counted from 1, or shows a correct plan if the text is no array of objects.
    public init(json: [UInt8]) throws(SimulatorError) {
        self.init(try FaultPlanReader.entries(json))
    }
}
