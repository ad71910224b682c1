import HyperliquidWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which seeds are run.
enum Seeds {
    /// A number from the environment.
    static func number(_ name: String) -> UInt64? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe UInt64(String(cString: text))
    }

    static let replayed = number("HYPERLIQUID_SEED")
    static let count = number("HYPERLIQUID_SEEDS") ?? 500

    /// The seeds in portions, so that they run beside each other and a report names few.
    static let chunks: [Range<UInt64>] =
        replayed.map { [$0..<$0 + 1] }
        ?? stride(from: 1, through: count, by: 25).map { $0..<min($0 + 25, count + 1) }
}

extension Seeds {
    /// One of four portions.
    static let some = chunks.enumerated().filter { $0.offset.isMultiple(of: 4) }.map(\.element)

    /// One of sixty seeds, for runs that cost more.
    static let few: [Range<UInt64>] =
        replayed.map { [$0..<$0 + 1] }
        ?? stride(from: 1, through: max(1, count / 60), by: 4).map { $0..<min($0 + 4, max(1, count / 60) + 1) }
}
