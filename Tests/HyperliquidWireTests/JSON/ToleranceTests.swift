import HyperliquidWire
import TestPacing
import Testing

/// The venue may write the same message in another form, or extend it; the event stays the same.
@Suite("Tolerance", .computing) struct ToleranceTests {
    func tree(_ fixture: Fixture) throws -> JSONTree { try #require(JSONTree(fixture.message)) }

    func expectSame(_ fixture: Fixture, _ text: String, unknown: Bool? = false, _ note: String = "") {
        let (plain, other) = (fixture.outcome(), fixture.outcome(of: Array(text.utf8)))
        #expect(other.fault == nil, "\(note) \(text)")
        let isSame = other.events.map { JSONTree($0)?.sorted } == plain.events.map { JSONTree($0)?.sorted }
        #expect(isSame, "\(note) \(text) became \(other.events)")
        if let unknown { #expect(unknown == (other.unknownCount > 0)) }
    }

    @Test(arguments: Fixtures.all)
    func `an event does not depend on the order of fields`(_ fixture: Fixture) throws {
        for seed in stride(from: 0 as UInt64, to: 50, by: Thinning.step) {
            var generator = SplitMix64(seed: seed)
            expectSame(fixture, try tree(fixture).shuffled(using: &generator).description, "seed \(seed)")
        }
        let reversed = try tree(fixture).mappingObjects { $0.reversed() }
        expectSame(fixture, reversed.description)
    }

    @Test(arguments: Fixtures.all)
    func `an event does not depend on white space`(_ fixture: Fixture) throws {
        expectSame(fixture, try tree(fixture).spaced)
    }

    @Test(arguments: Fixtures.all)
    func `an event does not depend on escapes in keys and texts`(_ fixture: Fixture) throws {
        expectSame(fixture, try tree(fixture).escaped)
    }

    @Test(arguments: Fixtures.all)
    func `the last value of a repeated key is used`(_ fixture: Fixture) throws {
        // In a list of one-key objects each key is one more update; an action is kept as received.
        let isKept = ["outcomeMeta", "fastAsset", "explorerTxs"].contains { fixture.name.contains($0) }
        guard !isKept else { return }
        let doubled = try tree(fixture).mappingData { data in
            data.mappingObjects { members in
                // The first value has the type of the field, but differs.
                members.map { JSONTree.Member(key: $0.key, value: $0.value.other) } + members
            }
        }
        expectSame(fixture, doubled.description, unknown: nil)
    }

    @Test(arguments: Fixtures.all)
    func `further fields of the envelope are ignored`(_ fixture: Fixture) throws {
        guard case .object(let members) = try tree(fixture) else { return }
        let extra = JSONTree.Member(key: "more", value: .object([]))
        expectSame(fixture, JSONTree.object(members + [extra]).description, unknown: true)
        expectSame(fixture, JSONTree.object([extra] + members).description, unknown: true)
        // Of two `data` the second one would count, but it is found too late.
        let late = fixture.outcome(of: Array(JSONTree.object(members + members.suffix(1)).description.utf8))
        #expect(late.fault?.path == "data")
    }

    @Test(arguments: Fixtures.all)
    func `unknown fields are ignored and counted`(_ fixture: Fixture) throws {
        // In objects whose keys are data (prices by coin, one-key updates) an added key is more data.
        guard !fixture.name.contains("allMids"), !fixture.name.contains("outcomeMeta"),
            !fixture.name.contains("fastAsset")
        else { return }
        let added = try #require(JSONTree(#"{"a":[1,{"b":null},"\"",true],"c":-1.5e3,"data":{},"coin":[]}"#))
        func adding(_ members: [JSONTree.Member]) -> [JSONTree.Member] {
            [JSONTree.Member(key: "added \"soon\"", value: added)] + members + [JSONTree.Member(key: "z", value: added)]
        }
        let other = fixture.outcome(of: Array(try tree(fixture).mappingObjects(adding).description.utf8))
        #expect(other.fault == nil)
        #expect(other.unknownCount > 0)
        // Open-ended objects keep added fields, an action at every depth; all others ignore them.
        let expected = fixture.outcome().events.compactMap { text in
            JSONTree(text)?.mappingObjects { members in
                members.map { member in
                    switch (member.key, member.value) {
                    case ("delta", .object(let fields)): .init(key: member.key, value: .object(adding(fields)))
                    case ("action", _): .init(key: member.key, value: member.value.mappingObjects(adding))
                    default: member
                    }
                }
            }.sorted
        }
        #expect(other.events.map { JSONTree($0)?.sorted } == expected)
    }
}

extension JSONTree {
    /// Another value that the same field could have.
    var other: JSONTree {
        switch self {
        case .object, .array, .scalar("null"), .scalar("true"), .scalar("false"): self
        case .scalar: .scalar("7")
        case .string(let text):
            text.hasPrefix("0x") ? self : ExactDecimal(text) == nil ? .string("other") : .string("7.25")
        }
    }
}
