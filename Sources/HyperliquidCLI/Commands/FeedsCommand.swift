internal import ArgumentParser
internal import Hyperliquid

struct FeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds",
        abstract: "List all feeds with their parameters and properties.",
        discussion: """
            Optional parameters are in brackets. 'connection' is the kind of connection that the isolated policy gives a \
            feed; 'delivery' is what a slow reader gets: only the latest event, or all of them from a buffer.
            """)

    @Flag(help: "Print a JSON array with one object per feed.")
    var json = false

    func run() {
        if json { printJSON() } else { printTable() }
    }

    private var descriptors: [FeedDescriptor] { FeedCatalogue.feeds.map { $0.descriptor } }

    private func printTable() {
        var table = Table([
            "type", "parameters", "connection", "channel", "snapshot", "delivery", "priority", "status", "delivers",
        ])
        for descriptor in descriptors {
            let traits = descriptor.example.traits
            table.add([
                descriptor.type, Self.parameters(of: descriptor), traits.connectionType.rawValue, traits.channel,
                traits.snapshot.rawValue, Self.name(of: traits.delivery), traits.priority.rawValue,
                descriptor.status.rawValue, descriptor.summary,
            ])
        }
        for type in FeedCatalogue.refused.keys.sorted() {
            table.add([type, "", "", "", "", "", "", "refused", FeedCatalogue.refused[type] ?? ""])
        }
        Output.line(table.text)
    }

    private static func parameters(of descriptor: FeedDescriptor) -> String {
        descriptor.parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }.joined(separator: " ")
    }

    private static func name(of policy: DeliveryPolicy) -> String {
        switch policy {
        case .latest: "latest"
        case .buffered: "buffered"
        case .droppingOldest: "droppingOldest"
        }
    }

    private func printJSON() {
        var writer = JSONWriter()
        writer.beginArray()
        for descriptor in descriptors {
            let traits = descriptor.example.traits
            writer.beginObject()
            writer.field("type", descriptor.type)
            writer.key("parameters")
            writer.beginArray()
            for parameter in descriptor.parameters {
                writer.beginObject()
                writer.field("name", parameter.name)
                writer.field("required", parameter.isRequired)
                writer.field("takes", parameter.summary)
                writer.endObject()
            }
            writer.endArray()
            writer.field("class", traits.connectionType.rawValue)
            writer.field("endpoint", traits.endpoint.rawValue)
            writer.field("channel", traits.channel)
            writer.field("route", array: traits.route.paths)
            writer.field("snapshot", traits.snapshot.rawValue)
            writer.field("delivery", Self.name(of: traits.delivery))
            writer.field("priority", traits.priority.rawValue)
            writer.field("status", descriptor.status.rawValue)
            writer.field("summary", descriptor.summary)
            writer.endObject()
        }
        for type in FeedCatalogue.refused.keys.sorted() {
            writer.beginObject()
            writer.field("type", type)
            writer.field("status", "refused")
            writer.field("summary", FeedCatalogue.refused[type] ?? "")
            writer.endObject()
        }
        writer.endArray()
        Output.bytes(writer.bytes)
    }
}
