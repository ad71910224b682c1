import HyperliquidWire
import Testing

/// Words and fields that the venue may change or leave out.
@Suite("Open sets") struct OpenSetTests {
    /// The fields with open sets of words, by event
    /// (docs/protocol.md, "Shared objects" and "User feeds").
    static let openFields: Set<String> = [
        "side", "status", "dir", "orderType", "tif", "method", "abstraction", "type", "feeToken", "triggerCondition",
        "operation", "leverageType",
    ]

    @Test(arguments: Fixtures.all)
    func `an unknown word is kept and does not make a message undecodable`(_ fixture: Fixture) throws {
        // An action is kept as received, so its words are not interpreted.
        guard !fixture.name.contains("explorerTxs") else { return }
        let tree = try #require(JSONTree(fixture.message))
        for path in tree.paths {
            let name = String(path.split(separator: ".").last ?? "")
            guard Self.openFields.contains(name), tree.part(path)?.text != nil,
                let changed = tree.setting(path, to: .string("somethingNew"))
            else {
                continue
            }
            let outcome = fixture.outcome(of: Array(changed.description.utf8))
            // Leverage of a new type may have unknown fields or lack known ones; everything else is read as usual.
            #expect(outcome.fault == nil, "\(path): \(outcome.fault as Any)")
            #expect(outcome.events.first?.contains("somethingNew") == true, "\(path)")
        }
    }

    /// Fields that may be null, and whether they may be absent too
    /// (docs/protocol.md, "Feeds" and "Irregularities on record").
    static let nullable: [String: Bool] = [
        "midPx": false, "premium": false, "impactPxs": false, "nSamples": true, "twapId": true, "tif": true,
        "cloid": true, "liquidationPx": true, "agentAddress": true, "agentValidUntil": true, "stopPx": true,
        "trigger": true, "error": true, "spread": true, "fast": true, "feeToken": true, "isSnapshot": true,
        "perpsAtOpenInterestCap": true, "leadingVaults": true, "token": true, "abstraction": true,
    ]

    @Test(arguments: Fixtures.all)
    func `a nullable field accepts null and others do not`(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        for path in tree.paths {
            guard let name = path.split(separator: ".").last, let mayBeAbsent = Self.nullable[String(name)] else {
                continue
            }
            // A slice always names its order, and an outcome's side and an escrow their token; elsewhere they may be absent.
            if path.hasSuffix("Fills[0].twapId") || path.contains("sideSpecs") || path.contains("evmEscrows") {
                continue
            }
            let null = try #require(tree.setting(path, to: .scalar("null")))
            #expect(fixture.outcome(of: Array(null.description.utf8)).fault == nil, "\(path) is null")
            guard mayBeAbsent else { continue }
            let absent = try #require(tree.removing(path))
            #expect(fixture.outcome(of: Array(absent.description.utf8)).fault == nil, "\(path) is absent")
        }
    }
}

extension JSONTree {
    /// The part at `path`.
    func part(_ path: String) -> JSONTree? {
        var found: JSONTree?
        visit { position, part in if position == path { found = part } }
        return found
    }

    /// The value with another part at `path`; `nil` if there is none.
    func setting(_ path: String, to part: JSONTree) -> JSONTree? {
        paths.firstIndex(of: path).flatMap { replacing(part: $0, by: part) }
    }
}
