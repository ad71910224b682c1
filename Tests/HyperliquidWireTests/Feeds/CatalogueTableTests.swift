import Foundation
import HyperliquidWire
import Testing

/// The table in the documentation is generated from the code.
@Suite("Catalogue table") struct CatalogueTableTests {
    private static let article = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/HyperliquidWire/Documentation.docc/Catalogue.md")

    /// The article's only table.
    private static var table: [String] {
        let heading = [
            "| type | delivers | parameters | connection | channel | route key | first message | delivery | status |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        let refused = FeedCatalogue.refused.keys.sorted().map { type in
            "| `\(type)` | not served: \(FeedCatalogue.refused[type] ?? "") | | | | | | | refused |"
        }
        return heading + FeedCatalogue.feeds.map(row) + refused
    }

    private static func row(_ feed: any CatalogueFeed.Type) -> String {
        let descriptor = feed.descriptor
        let traits = descriptor.example.traits
        let parameters = descriptor.parameters.map { $0.isRequired ? "`\($0.name)`" : "[`\($0.name)`]" }
        let channel = traits.endpoint == .explorer ? "explorer, none" : "`\(traits.channel)`"
        let cells = [
            "``\(feed)`` `\(descriptor.type)`", descriptor.summary, parameters.joined(separator: " "),
            traits.connectionType.rawValue, channel, traits.route.paths.map { "`\($0)`" }.joined(separator: " "),
            words(for: traits.snapshot), words(for: traits.delivery), descriptor.status.rawValue,
        ]
        return cells.reduce("|") { row, cell in row + (cell.isEmpty ? " |" : " \(cell) |") }
    }

    private static func words(for rule: SnapshotRule) -> String {
        switch rule {
        case .none: "none"
        case .everyMessage: "full state, like every message"
        case .firstMessage: "full state"
        case .marked: "recent rows, marked"
        case .replay: "recent events, unmarked"
        }
    }

    private static func words(for policy: DeliveryPolicy) -> String {
        switch policy {
        case .latest: "latest"
        case .buffered: "buffered"
        case .droppingOldest: "droppingOldest"
        }
    }

    @Test func `the table in the article is the one that the code generates`() throws {
        let text = try String(contentsOf: Self.article, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if ProcessInfo.processInfo.environment["HYPERLIQUID_WRITE_DOCS"] == "1" {
            let start = try #require(lines.firstIndex { $0.hasPrefix("|") })
            let rest = lines[start...].drop { $0.hasPrefix("|") }
            let written = lines[..<start] + Self.table + rest
            try written.joined(separator: "\n").write(to: Self.article, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            lines.filter { $0.hasPrefix("|") } == Self.table,
            "Catalogue.md is outdated; generate it with HYPERLIQUID_WRITE_DOCS=1 swift test --filter CatalogueTable"
        )
    }

    @Test func `the catalogue lists every type once`() {
        let types = FeedCatalogue.feeds.map { $0.descriptor.type } + FeedCatalogue.refused.keys
        #expect(Set(types).count == types.count)
    }
}
