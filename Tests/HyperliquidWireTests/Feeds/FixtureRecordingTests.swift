import HyperliquidWire
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Records the outcome of every fixture, which `scripts/guard.sh` compares before and after a restructuring.
@Suite("Fixture recording", .enabled(if: RecordingFolder.path != nil))
struct FixtureRecordingTests {
    @Test func `the encoded events of all fixtures are recorded`() throws {
        let folder = try #require(RecordingFolder.path)
        let file = try unsafe #require(fopen("\(folder)/fixtures.txt", "w"))
        for fixture in Fixtures.all {
            for tries in [true, false] {
                let outcome = fixture.outcome(of: Array(fixture.message.utf8), triesFastPath: tries)
                let events = outcome.events.joined(separator: " ")
                unsafe fputs(
                    "\(fixture.name) mine \(outcome.isMine) unknown \(outcome.unknownCount) \(events)\n", file)
            }
        }
        unsafe fclose(file)
    }
}

/// The folder of the recording; without it nothing is recorded.
private enum RecordingFolder {
    static let path = unsafe getenv("HYPERLIQUID_RECORD").map { unsafe String(cString: $0) }
}
