import Foundation
import HyperliquidSimulator
import HyperliquidWire

/// An exchange on a virtual time line, its connections numbered from 1, with what it says collected.
struct Venue {
    /// How a connection ended at the exchange's hand.
    enum End: Hashable {
        case closed(UInt16, String)
        case dropped
    }

    private(set) var exchange: Exchange
    private(set) var now = Instant.start
    private var inboxes: [UInt64: [Message]] = [:]
    private(set) var ends: [UInt64: End] = [:]
    private(set) var endTimes: [UInt64: Instant] = [:]

    /// Small and lively unless a test says otherwise.
    init(seed: UInt64 = 1, size: MarketSize = .small, _ configure: (inout ExchangeConfiguration) -> Void = { _ in }) {
        var configuration = ExchangeConfiguration()
        configuration.seed = seed
        configuration.marketSize = size
        configure(&configuration)
        exchange = Exchange(configuration: configuration)
    }

    /// The venue's clock.
    var milliseconds: Int64 { exchange.milliseconds(at: now) }

    // MARK: What clients do

    /// Asks to be let in, and comes in when that is granted.
    @discardableResult
    mutating func open(_ connection: UInt64 = 1, _ path: EndpointKind = .api) -> Exchange.Admission {
        let admission = exchange.admit(at: now)
        if admission == .accept { handle(.opened(Exchange.ConnectionID(connection), path)) }
        return admission
    }

    mutating func send(_ text: String, on connection: UInt64 = 1) {
        handle(.text(Exchange.ConnectionID(connection), Array(text.utf8)))
    }

    mutating func subscribe(_ fields: String, on connection: UInt64 = 1) {
        send(#"{"method":"subscribe","subscription":{\#(fields)}}"#, on: connection)
    }

    mutating func unsubscribe(_ fields: String, on connection: UInt64 = 1) {
        send(#"{"method":"unsubscribe","subscription":{\#(fields)}}"#, on: connection)
    }

    mutating func close(_ connection: UInt64 = 1) { handle(.closed(Exchange.ConnectionID(connection))) }

    mutating func fault(_ action: FaultAction) { handle(.fault(action)) }

    mutating func ask(_ body: String) -> (status: Int, body: String) {
        let (status, answer) = exchange.answer(infoBody: Array(body.utf8), at: now)
        return (status, String(decoding: answer, as: UTF8.self))
    }

    // MARK: Time

    /// Lets time pass, from one of the exchange's deadlines to the next.
    mutating func run(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let deadline = exchange.deadline, deadline <= end {
            now = max(now, deadline)
            handle(.woke)
        }
        now = end
        handle(.woke)
    }

    private mutating func handle(_ input: Exchange.Input) {
        var effects: [Exchange.Effect] = []
        exchange.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let id, let bytes, of: _): inboxes[id.rawValue, default: []].append(Message(bytes, at: now))
            case .close(let id, let code, let reason): end(id.rawValue, .closed(code, reason))
            case .drop(let id): end(id.rawValue, .dropped)
            }
        }
    }

    private mutating func end(_ connection: UInt64, _ end: End) {
        ends[connection] = end
        endTimes[connection] = now
    }

    // MARK: What clients see

    /// What has come since this was asked last.
    mutating func received(on connection: UInt64 = 1) -> [Message] {
        inboxes.updateValue([], forKey: connection) ?? []
    }

    /// The data that came on a channel.
    mutating func received(_ channel: String, on connection: UInt64 = 1) -> [Message] {
        received(on: connection).filter { $0.channel == channel }
    }
}

/// A message as it came, with its JSON.
struct Message {
    let bytes: [UInt8]
    let time: Instant
    private let root: Any?

    init(_ bytes: [UInt8], at time: Instant) {
        self.bytes = bytes
        self.time = time
        // Some texts are no JSON: the greeting.
        root = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var channel: String? { (root as? [String: Any])?["channel"] as? String }
    var isArray: Bool { root is [Any] }
    /// The value of `data`.
    var data: JSON { JSON((root as? [String: Any])?["data"]) }
    var json: JSON { JSON(root) }
}

/// A JSON value that is looked into by paths.
struct JSON {
    let value: Any?

    init(_ value: Any?) { self.value = value }
    init(_ text: String) {
        // What is no JSON has no value.
        value = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(_ index: Int) -> JSON {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSON(nil as Any?) }
        return JSON(array[index])
    }

    var text: String? { value as? String }
    var integer: Int64? { (value as? NSNumber)?.int64Value }
    var flag: Bool? { value as? Bool }
    var isNull: Bool { value is NSNull }
    var isPresent: Bool { value != nil }
    var keys: Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
    var array: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    /// A decimal of the venue: a string.
    var decimal: ExactDecimal? { text.flatMap { ExactDecimal($0) } }
}

/// An address of examples.
let alice = "0x1111111111111111111111111111111111111111"
