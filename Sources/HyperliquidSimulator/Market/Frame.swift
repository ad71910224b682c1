internal import HyperliquidWire

/// A message's envelope.
enum Frame {
    /// `{"channel":…,"data":…}`
    static func message(_ channel: String, _ data: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", channel)
        writer.key("data")
        data(&writer)
        writer.endObject()
        return writer.bytes
    }

    static func message(_ channel: String, _ data: some JSONWritable) -> [UInt8] {
        message(channel) { $0.value(data) }
    }

    /// A bare value, as the explorer sends it.
    static func bare(_ value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }
}
