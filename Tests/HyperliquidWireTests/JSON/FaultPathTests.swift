import HyperliquidWire
import Testing

/// A fault names the field in which it is.
@Suite("Fault paths") struct FaultPathTests {
    /// Whether a message of the explorer, which has no envelope, was too damaged to recognise its channel.
    func isUntold(_ fault: DecodingFault, _ tree: JSONTree) -> Bool {
        tree["channel"] == nil && fault.path.isEmpty && fault.byteOffset == 0
    }

    @Test(arguments: Fixtures.all)
    func `a fault names the value of a wrong type`(_ fixture: Fixture) throws {
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

    @Test(arguments: Fixtures.all)
    func `a fault names a missing field that is required`(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        for path in tree.paths where path != "channel" && path != "data" {
            guard let changed = tree.removing(path) else { continue }
            guard let fault = fixture.outcome(of: Array(changed.description.utf8)).fault else { continue }
            #expect(fault.code == .missingField, "\(path): \(fault)")
            // For an object that needs one of several keys, the fault names the object.
            let isOneOf = path == "data." + path.split(separator: ".")[1] && fault.path == "data"
            #expect(fault.path == path || isOneOf, "\(path): \(fault)")
        }
    }

    @Test(arguments: Fixtures.all)
    func `a fault of a truncated message names the field in which it ends`(_ fixture: Fixture) throws {
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
