import HyperliquidWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The seeds that the tests run.
enum Seeds {
    /// The number in an environment variable, `nil` if the variable is not set.
    static func number(_ name: String) -> UInt64? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe UInt64(String(cString: text))
    }

    static let replayed = number("HYPERLIQUID_SEED")
    static let count = number("HYPERLIQUID_SEEDS") ?? 50

    /// All seeds in chunks. The chunks run in parallel, and a failure report names only the seeds of one chunk.
    static let chunks: [Range<UInt64>] =
        replayed.map { [$0..<$0 + 1] }
        ?? stride(from: 1, through: count, by: 25).map { $0..<min($0 + 25, count + 1) }
}

extension Seeds {
    /// One chunk of every four.
    static let everyFourthChunk = chunks.enumerated().filter { $0.offset.isMultiple(of: 4) }.map(\.element)

    /// A sixtieth of the number of seeds, for tests whose runs take longer.
    static let fewChunks: [Range<UInt64>] =
        replayed.map { [$0..<$0 + 1] }
        ?? stride(from: 1, through: max(1, count / 60), by: 4).map { $0..<min($0 + 4, max(1, count / 60) + 1) }
}
