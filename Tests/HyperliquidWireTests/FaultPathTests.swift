import HyperliquidWire
import Testing

/// A fault names the field that is at fault.
@Suite("Paths of faults") struct FaultPathTests {
    /// Whether an explorer's message, which has no envelope, was too broken to tell which of the two it is.
    func isUntold(_ fault: DecodingFault, _ tree: JSONTree) -> Bool {
        tree["channel"] == nil && fault.path.isEmpty && fault.byteOffset == 0
    }

    @Test("a value of another kind is named", arguments: Fixtures.all)
    func otherKind(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        for kind in [#"{"x":{}}"#, "[[]]", "true", "1.5", "\"\\ud800\""] {
            for (part, path) in tree.paths.enumerated() where path != "channel" && !path.isEmpty {
                let changed = try #require(tree.replacing(part: part, by: .scalar(kind)))
                guard let fault = fixture.outcome(of: Array(changed.description.utf8)).fault else { continue }
                if isUntold(fault, tree) { continue }
                #expect(fault.path.hasPrefix(path), "\(kind) in \(path): \(fault)")
            }
        }
    }

    @Test("a field that is missing is named, or not needed", arguments: Fixtures.all)
    func missing(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        for path in tree.paths where path != "channel" && path != "data" {
            guard let changed = tree.removing(path) else { continue }
            guard let fault = fixture.outcome(of: Array(changed.description.utf8)).fault else { continue }
            #expect(fault.code == .missingField, "\(path): \(fault)")
            // Of an object that has one of several keys, the object is named.
            let isOneOf = path == "data." + path.split(separator: ".")[1] && fault.path == "data"
            #expect(fault.path == path || isOneOf, "\(path): \(fault)")
        }
    }

    @Test("a message that is cut is named by where it was cut", arguments: Fixtures.all)
    func cut(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        let bytes = Array(fixture.message.utf8)
        let start = tree["data"].map { bytes.count - $0.description.utf8.count } ?? 1
        for count in stride(from: start, to: bytes.count - 1, by: 3) {
            guard let fault = fixture.outcome(of: Array(bytes[..<count])).fault else {
                Issue.record("cut at byte \(count)")
                continue
            }
            if isUntold(fault, tree) { continue }
            #expect(fault.byteOffset <= count)
            #expect(fault.path.hasPrefix("data") || fault.path.hasPrefix("["), "cut at byte \(count): \(fault)")
        }
    }
}
