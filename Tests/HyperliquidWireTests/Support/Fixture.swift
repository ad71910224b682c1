import Foundation
import HyperliquidWire
import Testing

/// A composed message with its feed, with erased types so that one test runs over all feeds.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// The outcome of a message.
    struct Outcome: Hashable, Sendable {
        /// The events, encoded as JSON; empty if nothing was delivered.
        var events: [String] = []
        var unknownCount = 0
        var fault: DecodingFault?
        var isMine = true
    }

    let name: String
    /// The messages that must come first, for feeds with a state.
    let preceding: [String]
    /// The whole message with its envelope.
    let message: String
    /// The event as JSON, if it differs from the message's `data`.
    let event: String?
    /// Decodes an event from JSON with a coder, encodes it, and decodes it again; returns what differs.
    let codingProblem: @Sendable (_ event: String) throws -> String?
    private let read: @Sendable (_ preceding: [[UInt8]], _ message: [UInt8], _ triesFastPath: Bool) -> Outcome

    var testDescription: String { name }

    init<F: CatalogueFeed>(
        _ choice: FeedChoice<F>, after preceding: [String] = [], _ message: String, event: String? = nil
    ) {
        self.init(choice.feed, after: preceding, message, event: event)
    }

    init<F: CatalogueFeed>(
        _ feed: F, after preceding: [String] = [], _ message: String, event: String? = nil
    ) {
        name = feed.request.description
        self.preceding = preceding
        self.message = message
        self.event = event
        codingProblem = { json in
            let decoded = try JSONDecoder().decode(F.Event.self, from: Data(json.utf8))
            let again = try JSONDecoder().decode(F.Event.self, from: try JSONEncoder().encode(decoded))
            // Of raw JSON, a coder does not keep the order of fields.
            let keepsRaw = ["explorerTxs", "userNonFundingLedgerUpdates"].contains(feed.request.type)
            guard keepsRaw || (again == decoded && again.hashValue == decoded.hashValue) else {
                return "\(again) is not \(decoded)"
            }
            let unmarked = json.replacing(#""isSnapshot":true,"#, with: "")
            let texts = [try F.Event(json: json).json, decoded.json, again.json]
            return texts.first { JSONTree($0)?.sorted != JSONTree(unmarked)?.sorted }
        }
        read = { preceding, message, triesFastPath in
            var memory = F.Memory()
            memory.subscribed(atMilliseconds: 0)
            for bytes in preceding { _ = Fixture.decode(bytes, feed, &memory, true) }
            return Fixture.decode(message, feed, &memory, triesFastPath)
        }
    }

    /// Decodes the message.
    func outcome() -> Outcome { outcome(of: Array(message.utf8)) }

    /// Decodes other bytes instead of the message.
    func outcome(of bytes: [UInt8], triesFastPath: Bool = true) -> Outcome {
        read(preceding.map { Array($0.utf8) }, bytes, triesFastPath)
    }

    private static func decode<F: CatalogueFeed>(
        _ bytes: [UInt8], _ feed: F, _ memory: inout F.Memory, _ triesFastPath: Bool
    ) -> Outcome {
        var outcome = Outcome()
        do throws(DecodingFault) {
            let (decoded, count) = try withReader(bytes) { (reader) throws(DecodingFault) in
                reader.triesFastPath = triesFastPath
                let envelope = reader._readEnvelope()
                guard envelope.kind == .data, envelope.channel == _ChannelKey(feed.traits.channel) else {
                    throw DecodingFault(.unexpectedType, at: 0)
                }
                _ = reader._routeKey(by: feed.traits.route)
                do throws(DecodingFault) {
                    let decoded = try F.decode(&reader, memory: &memory)
                    return (decoded, reader.unknownCount)
                } catch {
                    throw reader.located(error)
                }
            }
            outcome.unknownCount = count
            switch decoded {
            case .update(let event):
                outcome.events = [encoded(event)]
                outcome.isMine = feed.accepts(event)
            case .snapshot(let event):
                outcome.events = [encodedSnapshot(event)]
                outcome.isMine = feed.accepts(event)
            case .snapshotAndUpdate(let both):
                outcome.events = [encodedSnapshot(both.past), encoded(both.present)]
            case .nothing: break
            }
        } catch {
            outcome.fault = error
        }
        return outcome
    }
}

/// Writes an event as JSON text, with the venue's mark of snapshots.
func encodedSnapshot(_ event: some JSONWritable) -> String {
    guard let rows = event as? any MarkableRows else { return encoded(event) }
    var writer = JSONWriter()
    rows.write(isSnapshot: true, to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// Rows whose message can be marked a snapshot.
protocol MarkableRows {
    func write(isSnapshot: Bool, to writer: inout JSONWriter)
}

extension UserRows: MarkableRows {}

/// Every feed with composed messages. A new feed takes one line in the list of its kind.
enum Fixtures {
    static let all = market + user + account
}
