internal import HyperliquidWire

/// Reads the faults of a plan from JSON.
enum FaultPlanReader {
    /// The names of the faults, which are those of the cases of ``FaultAction``.
    enum Name: String, CaseIterable {
        case expire, close, kill, silence, stallUpgrades, refuseUpgrades, killAfterSubscribes
        case poison, ignore, enlargeMessage
        case withholdData, withholdPongs, delayData, jumpClock
        case delayAnswers, dropAcknowledgements, reorderAcknowledgements, glueAcknowledgements, changeEchoCase
        case refuseSubscribes, sendError, list, delist, setLimit
    }

    /// - Throws: An error with the code `invalidFaultPlan`.
    static func entries(_ json: [UInt8]) throws(SimulatorError) -> [FaultPlan.Entry] {
        let objects: [[(name: String, json: [UInt8])]]
        do throws(DecodingFault) {
            objects = try MessageReader.read(json) { (reader) throws(DecodingFault) in
                let (end, isWhole) = reader.scanEnvelope()
                guard !isWhole || end == json.count else { throw DecodingFault(.trailingBytes, at: end) }
                return try reader.readArray { (reader) throws(DecodingFault) in
                    guard reader.peekType() == .object else {
                        throw DecodingFault(.unexpectedType, at: reader.byteOffset)
                    }
                    return try MessageReader.readFields(try reader.readRaw())
                }
            }
        } catch {
            throw SimulatorError(
                .invalidFaultPlan,
                "The fault plan cannot be read (\(error)); write "
                    + #"[{"at_ms":5000,"do":"expire","connection":"oldest"}]"#)
        }
        var entries: [FaultPlan.Entry] = []
        for (index, fields) in objects.enumerated() {
            var reader = FaultFieldReader(fields: fields, number: index + 1)
            entries.append(try entry(&reader))
        }
        return entries
    }

    private static func entry(_ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultPlan.Entry {
        try reader.refuseRepetitions()
        let milliseconds = try reader.milliseconds("at_ms")
        let word = try reader.requiredText("do", example: #""kill""#)
        guard let name = Name(rawValue: word) else {
            throw reader.mistake(
                #""\#(word)""#, "use one of \(FaultPlan.faultNames.joined(separator: ", "))")
        }
        let action = try action(name, &reader)
        try reader.refuseRest(of: word)
        return FaultPlan.Entry(at: milliseconds, action)
    }

    private static func action(_ name: Name, _ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultAction {
        switch name {
        case .expire: .expire(try reader.target())
        case .close: try close(&reader)
        case .kill: .kill(try reader.target())
        case .silence: .silence(try reader.target())
        case .stallUpgrades: .stallUpgrades(try reader.isOn())
        case .refuseUpgrades: .refuseUpgrades(status: try reader.number("status", in: 100...599))
        case .killAfterSubscribes: .killAfterSubscribes(try reader.count())
        case .poison: try poison(&reader)
        case .ignore: .ignore(try reader.subscription(), try reader.isOn())
        case .enlargeMessage: try enlargement(&reader)
        case .withholdData: .withholdData(try reader.target(), try reader.isOn())
        case .withholdPongs: .withholdPongs(try reader.target(), try reader.isOn())
        case .delayData: .delayData(try reader.milliseconds("ms"))
        case .jumpClock: .jumpClock(try reader.milliseconds("ms", mayBeNegative: true))
        case .delayAnswers: .delayAnswers(try reader.milliseconds("ms"))
        case .dropAcknowledgements: .dropAcknowledgements(try reader.count())
        case .reorderAcknowledgements: .reorderAcknowledgements(try reader.isOn())
        case .glueAcknowledgements: .glueAcknowledgements(try reader.count())
        case .changeEchoCase: .changeEchoCase(try reader.isOn())
        case .refuseSubscribes: .refuseSubscribes(try reader.count(), text: try reader.text("text"))
        case .sendError:
            .sendError(try reader.target(), text: try reader.requiredText("text", example: #""Odd""#))
        case .list: .list(try reader.coin())
        case .delist: .delist(try reader.coin())
        case .setLimit: try limit(&reader)
        }
    }

    private static func close(_ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultAction {
        let target = try reader.target()
        return .close(target, code: try reader.closeCode() ?? 1000, reason: try reader.text("reason") ?? "")
    }

    private static func poison(_ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultAction {
        let subscription = try reader.subscription()
        guard try reader.isOn() else { return .poison(subscription, nil) }
        var poison = FaultAction.Poison(isAcknowledged: try reader.flag("acknowledged") ?? false)
        if let code = try reader.closeCode() {
            poison.end = .close(code: code, reason: try reader.text("reason") ?? "")
        }
        return .poison(subscription, poison)
    }

    private static func enlargement(_ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultAction {
        let subscription = try reader.subscription()
        let byteCount = try reader.number("bytes", in: 0...100_000_000) ?? 20_000_000
        return .enlargeMessage(
            subscription, byteCount: byteCount, paddingFirst: try reader.flag("paddingFirst") ?? false)
    }

    private static func limit(_ reader: inout FaultFieldReader) throws(SimulatorError) -> FaultAction {
        let limit = try reader.limit()
        guard let value = try reader.number("value", in: limit.range) else {
            throw reader.mistake(#"no "value""#, #"write for example "value":5"#)
        }
        return .setLimit(limit, value)
    }
}

/// Takes the fields of one entry, each at most once, so that what is left over can be refused.
struct FaultFieldReader {
    private var fields: [(name: String, json: [UInt8])]
    /// The number of the entry, counted from 1.
    private let number: Int
    private var known: [String] = []

    init(fields: [(name: String, json: [UInt8])], number: Int) {
        self.fields = fields
        self.number = number
    }

    // MARK: Mistakes

    /// The error about a word of the entry, with what to write.
    func mistake(_ word: String, _ advice: String) -> SimulatorError {
        SimulatorError(.invalidFaultPlan, "The fault plan cannot be read: \(word) at entry \(number): \(advice).")
    }

    func refuseRepetitions() throws(SimulatorError) {
        for (index, field) in fields.enumerated() where fields[..<index].contains(where: { $0.name == field.name }) {
            throw mistake(#""\#(field.name)""#, "write it once")
        }
    }

    /// Throws an error about a field that has not been taken.
    func refuseRest(of fault: String) throws(SimulatorError) {
        guard let field = fields.first else { return }
        throw mistake(#""\#(field.name)""#, "\(fault) has only \(known.joined(separator: ", "))")
    }

    // MARK: Values

    /// Takes a field and reads its value; `nil` if the entry does not have it.
    private mutating func take<Value>(
        _ name: String, _ advice: String, _ read: (inout MessageReader) throws(DecodingFault) -> Value?
    ) throws(SimulatorError) -> Value? {
        known.append(name)
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
        let json = fields.remove(at: index).json
        // The mistake says what to write, which is more than the reader's own error says.
        guard let value = try? MessageReader.read(json, read) else {
            throw mistake(String(decoding: json, as: UTF8.self), #""\#(name)" takes \#(advice)"#)
        }
        return value
    }

    mutating func text(_ name: String) throws(SimulatorError) -> String? {
        try take(name, "a text") { (reader) throws(DecodingFault) in try reader.readString() }
    }

    mutating func requiredText(_ name: String, example: String) throws(SimulatorError) -> String {
        guard let text = try text(name) else {
            throw mistake("no \"\(name)\"", "write for example \"\(name)\":\(example)")
        }
        return text
    }

    mutating func flag(_ name: String) throws(SimulatorError) -> Bool? {
        try take(name, "true or false") { (reader) throws(DecodingFault) in try reader.readBoolean() }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(SimulatorError) -> Int? {
        let advice = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try take(name, advice) { (reader) throws(DecodingFault) in
            let number = try reader.readInt()
            return range.contains(number) ? number : nil
        }
    }

    // MARK: Fields that several faults have

    mutating func isOn() throws(SimulatorError) -> Bool { try flag("on") ?? true }

    mutating func count() throws(SimulatorError) -> Int { try number("count", in: 0...1_000_000) ?? 1 }

    /// A time in milliseconds, at most a year; 0 by default.
    mutating func milliseconds(_ name: String, mayBeNegative: Bool = false) throws(SimulatorError) -> Duration {
        let year = 31_536_000_000
        return .milliseconds(try number(name, in: (mayBeNegative ? -year : 0)...year) ?? 0)
    }

    mutating func limit() throws(SimulatorError) -> ExchangeConfiguration.Limit {
        let names = ExchangeConfiguration.Limit.allCases.map(\.rawValue).joined(separator: ", ")
        let limit = try take("limit", "one of \(names)") { (reader) throws(DecodingFault) in
            ExchangeConfiguration.Limit(rawValue: try reader.readString())
        }
        guard let limit else { throw mistake(#"no "limit""#, #"write for example "limit":"users""#) }
        return limit
    }

    /// The code of a Close frame; `nil` if there is none. Some codes never stand in a Close frame (RFC 6455, 7.4).
    mutating func closeCode() throws(SimulatorError) -> UInt16? {
        try take("code", "a whole number from 1000 to 4999, but not 1004 to 1006 or 1015") {
            (reader) throws(DecodingFault) in
            let code = try reader.readInt()
            let isSent = (1000...4999).contains(code) && !(1004...1006).contains(code) && code != 1015
            return isSent ? UInt16(code) : nil
        }
    }

    mutating func target() throws(SimulatorError) -> FaultAction.Target {
        let advice = #""all", "oldest", "newest" or an index from 0 on"#
        return try take("connection", advice) { (reader) throws(DecodingFault) in
            guard reader.peekType() == .string else {
                let index = try reader.readInt()
                return index >= 0 ? .at(index) : nil
            }
            let targets: [String: FaultAction.Target] = ["all": .all, "oldest": .oldest, "newest": .newest]
            return targets[try reader.readString()]
        } ?? .all
    }

    mutating func coin() throws(SimulatorError) -> Coin {
        let advice = ##"a coin as the exchange spells it: "NEW", "xyz:NEW", "@300" or "#20000""##
        let coin = try take("coin", advice) { (reader) throws(DecodingFault) -> Coin? in
            let name = try reader.readString()
            return Listing.canList(name) ? Coin(name) : nil
        }
        guard let coin else { throw mistake(#"no "coin""#, #"write for example "coin":"NEW""#) }
        return coin
    }

    mutating func subscription() throws(SimulatorError) -> FeedRequest {
        let example = #"{"type":"bbo","coin":"BTC"}"#
        let request = try take("subscription", "a request such as \(example)") { (reader) throws(DecodingFault) in
            try FeedRequest(from: &reader)
        }
        guard let request else {
            throw mistake(#"no "subscription""#, #"write for example "subscription":\#(example)"#)
        }
        return request
    }
}
