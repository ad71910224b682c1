import Foundation
import HyperliquidWire
import Testing

/// Recorded REST answers with the objects of a feed: more text of the venue to read.
@Suite(
    "REST captures",
    .enabled(if: FileManager.default.fileExists(atPath: CaptureTests.folder.path), "no recordings beside the package")
) struct RestCaptureTests {
    /// Converts an answer to messages of a feed, by folder.
    static let readers: [String: @Sendable (_ body: JSONTree) -> [Fixture]] = [
        "l2Book": { body in [Fixture(.l2Book(Coin(body["coin"]?.text ?? "")), message("l2Book", body))] },
        "allMids": { body in [Fixture(.allMids(), message("allMids", object(["mids": body])))] },
        "candleSnapshot": { body in
            body.elements.map { candle in
                let interval = CandleInterval(rawValue: candle["i"]?.text ?? "")
                return Fixture(.candle(Coin(candle["s"]?.text ?? ""), interval: interval), message("candle", candle))
            }
        },
        "userFills": { body in [Fixture(.userFills(user: .example), rows("userFills", "fills", body))] },
        "userFillsByTime": { body in [Fixture(.userFills(user: .example), rows("userFills", "fills", body))] },
        "historicalOrders": { body in
            [
                Fixture(
                    .userHistoricalOrders(user: .example), rows("userHistoricalOrders", "orderHistory", body))
            ]
        },
        "userNonFundingLedgerUpdates": { body in
            [
                Fixture(
                    .userNonFundingLedgerUpdates(user: .example),
                    rows("userNonFundingLedgerUpdates", "nonFundingLedgerUpdates", body))
            ]
        },
        "clearinghouseState": { body in
            let data = object(["dex": .string(""), "user": user, "clearinghouseState": body])
            return [Fixture(.clearinghouseState(user: .example), message("clearinghouseState", data))]
        },
        "spotClearinghouseState": { body in
            [Fixture(.spotState(user: .example), message("spotState", object(["user": user, "spotState": body])))]
        },
        "metaAndAssetCtxs": { body in
            let data = object(["dex": .string("xyz"), "ctxs": body.elements[1]])
            return [Fixture(.assetCtxs(dex: "xyz"), message("assetCtxs", data))]
        },
        "spotMetaAndAssetCtxs": { body in [Fixture(.spotAssetCtxs, message("spotAssetCtxs", body.elements[1]))] },
    ]

    private static var user: JSONTree { .string(Address.example.description) }

    private static func object(_ members: [String: JSONTree]) -> JSONTree {
        .object(members.map { JSONTree.Member(key: $0.key, value: $0.value) })
    }

    private static func message(_ channel: String, _ data: JSONTree) -> String {
        #"{"channel":"\#(channel)","data":\#(data)}"#
    }

    private static func rows(_ channel: String, _ list: String, _ body: JSONTree) -> String {
        message(channel, object(["user": user, list: body]))
    }

    /// Answers that no decoder accepts: the field of the fault and the reason.
    static let refused: [String: (path: String, reason: String)] = [
        "userNonFundingLedgerUpdates/jkorf-1.json": (
            "data.nonFundingLedgerUpdates[0].hash", "its author put numbers in position of the hashes"
        ),
        "clearinghouseState/python-sdk-1.json": (
            "data.clearinghouseState.assetPositions[0].position.maxLeverage", "positions of 2023 had none"
        ),
    ]

    @Test(arguments: readers.keys.sorted())
    func `a recorded answer becomes an event with the same content`(_ folder: String) throws {
        let makeFixtures = try #require(Self.readers[folder])
        let messages = CaptureTests.messages(in: "rest/\(folder)")
        #expect(!messages.isEmpty)
        for (path, body) in messages {
            let file = String(path.dropFirst("rest/".count))
            for fixture in makeFixtures(try #require(JSONTree(body), "\(file)")) {
                let outcome = fixture.outcome()
                if let refused = Self.refused[file] {
                    #expect(outcome.fault?.path.hasSuffix(refused.path) == true, "\(file): \(outcome.fault as Any)")
                    continue
                }
                #expect(outcome.fault == nil, "\(file)")
                let event = try #require(outcome.events.first.flatMap { JSONTree($0) }, "\(file)")
                let data = try #require(JSONTree(fixture.message)?["data"])
                #expect(CaptureTests.comparable(event, without: nil) == CaptureTests.comparable(data, without: nil))
                #expect(outcome.unknownCount == 0, "\(file)")
            }
        }
    }
}

extension JSONTree {
    /// The elements of an array.
    var elements: [JSONTree] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }
}
