import Foundation
import HyperliquidWire
import Testing

/// Recorded messages, if they exist beside the package; each becomes an event with the same content.
@Suite("Captures") struct CaptureTests {
    /// The feed of a recorded message, by folder, with parameters from the message itself.
    static let readers: [String: @Sendable (_ data: JSONTree, _ message: String) -> Fixture] = [
        "allMids": { data, message in Fixture(.allMids(dex: data["dex"]?.text ?? ""), message) },
        "l2Book": { data, message in Fixture(.l2Book(Coin(data["coin"]?.text ?? "")), message) },
        "bbo": { data, message in Fixture(.bbo(Coin(data["coin"]?.text ?? "")), message) },
        "trades": { data, message in Fixture(.trades("BTC"), message) },
        "candle": { data, message in
            let interval = CandleInterval(rawValue: data["i"]?.text ?? "")
            return Fixture(.candle(Coin(data["s"]?.text ?? ""), interval: interval), message)
        },
        "activeAssetCtx": { data, message in Fixture(.activeAssetCtx(Coin(data["coin"]?.text ?? "")), message) },
        "activeSpotAssetCtx": { data, message in Fixture(.activeAssetCtx(Coin(data["coin"]?.text ?? "")), message) },
        "allDexsAssetCtxs": { data, message in Fixture(.allDexsAssetCtxs, message) },
        "outcomeMetaUpdates": { data, message in Fixture(.outcomeMetaUpdates, message) },
        "userFills": { data, message in Fixture(.userFills(user: user(data)), message) },
        "userFundings": { data, message in Fixture(.userFundings(user: user(data)), message) },
        "userNonFundingLedgerUpdates": { data, message in
            Fixture(.userNonFundingLedgerUpdates(user: user(data)), message)
        },
        "userTwapSliceFills": { data, message in Fixture(.userTwapSliceFills(user: user(data)), message) },
        "userTwapHistory": { data, message in Fixture(.userTwapHistory(user: user(data)), message) },
        "twapStates": { data, message in Fixture(.twapStates(user: user(data), dex: data["dex"]?.text ?? ""), message)
        },
        "openOrders": { data, message in Fixture(.openOrders(user: user(data), dex: data["dex"]?.text ?? ""), message)
        },
        "clearinghouseState": { data, message in
            Fixture(.clearinghouseState(user: user(data), dex: data["dex"]?.text ?? ""), message)
        },
        "allDexsClearinghouseState": { data, message in Fixture(.allDexsClearinghouseState(user: user(data)), message)
        },
        "spotState": { data, message in Fixture(.spotState(user: user(data)), message) },
        "activeAssetData": { data, message in
            Fixture(.activeAssetData(user: user(data), coin: Coin(data["coin"]?.text ?? "")), message)
        },
        "webData3": { data, message in
            Fixture(.webData3(user: data["userState"].map(user) ?? .example), message)
        },
        "orderUpdates": { data, message in Fixture(.orderUpdates(user: .example), message) },
        "user": { data, message in Fixture(.userEvents(user: .example), message) },
        "notification": { data, message in Fixture(.notification(user: .example), message) },
    ]

    private static func user(_ data: JSONTree) -> Address {
        data["user"]?.text.flatMap { try? Address($0) } ?? .example
    }

    /// Recorded messages that no decoder accepts: the field of the fault and the reason.
    static let refused: [String: (path: String, reason: String)] = [
        "user/jkorf-1.jsonl": ("data.fills[0].hash", "its author put 0x01 in position of the hash"),
        "userTwapHistory/jkorf-1.jsonl": ("data.user", "its author put a word in position of the address"),
        "userTwapSliceFills/jkorf-1.jsonl": ("data.user", "its author put a word in position of the address"),
    ]

    /// Recorded messages whose event has a field more, with the reason.
    static let added: [String: (field: String, reason: String)] = [
        "trades/hummingbot2023-1.jsonl": ("tid", "trades of 2023 had no id; it reads as 0")
    ]

    /// Recorded messages with a field that no event has, and the reason.
    static let outdated: [String: (field: String, reason: String)] = [
        "user/hummingbot2023-1.jsonl": ("liquidationMarkPx", "fills of 2023 had it; the venue sends it no more")
    ]

    /// Fields for which null and absent mean the same, and both are on record
    /// (docs/protocol.md, "Irregularities on record").
    static let nullable: Set<String> = ["trigger", "stopPx"]

    /// A value by which a recorded message and its event are compared.
    static func comparable(_ tree: JSONTree, without field: String?) -> JSONTree {
        tree.mappingObjects { members in
            members.filter {
                $0.key != field && !(nullable.contains($0.key) && $0.value == .scalar("null"))
            }
        }.sorted
    }

    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("../shared/captures")

    /// The recorded messages of a folder with their files' names.
    static func messages(in channel: String) -> [(file: String, message: String)] {
        let folder = Self.folder.appendingPathComponent(channel)
        // Without the recordings there is nothing to compare.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().flatMap { name in
            let text = (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { ("\(channel)/\(name)", String($0)) }
        }
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: folder.path), "no recordings beside the package"),
        arguments: readers.keys.sorted())
    func `a recorded message becomes an event with the same content`(_ channel: String) throws {
        let messages = Self.messages(in: channel)
        #expect(!messages.isEmpty)
        let makeFixture = try #require(Self.readers[channel])
        for (file, message) in messages {
            let data = try #require(JSONTree(message)?["data"])
            let outcome = makeFixture(data, message).outcome()
            if let refused = Self.refused[file] {
                #expect(outcome.fault?.path == refused.path, "\(file)")
                continue
            }
            #expect(outcome.fault == nil, "\(file)")
            #expect((outcome.unknownCount == 0) == (Self.outdated[file] == nil), "\(file)")
            guard let event = outcome.events.first.flatMap({ JSONTree($0) }) else {
                // A message without new rows delivers nothing.
                #expect(message.hasSuffix(":[]}}"), "\(file)")
                continue
            }
            let known = Self.comparable(event, without: Self.added[file]?.field)
            #expect(known == Self.comparable(data, without: Self.outdated[file]?.field), "\(file)")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder.path), "no recordings beside the package"))
    func `recorded changes apply to the recorded state`() throws {
        let messages = Self.messages(in: "fastAssetCtxs").map(\.message)
        for count in 1...messages.count {
            let fixture = Fixture(.fastAssetCtxs, after: Array(messages[..<(count - 1)]), messages[count - 1])
            let outcome = fixture.outcome()
            #expect(outcome.fault == nil)
            #expect(outcome.unknownCount == 0)
            let event = try #require(outcome.events.first.flatMap { JSONTree($0) })
            #expect(event["BTC"]?["markPx"]?.text != nil)
        }
    }
}

extension JSONTree {
    /// The text of a string.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}
