package import HyperliquidWire

extension Engine.Message: JSONWritable {
    /// Writes the request as the venue reads it (docs/protocol.md, "Requests").
    package func write(to writer: inout JSONWriter) {
        writer.reserveCapacity(160)
        writer.beginObject()
        switch self {
        case .subscribe(let request):
            writer.field("method", "subscribe")
            writer.field("subscription", request)
        case .unsubscribe(let request):
            writer.field("method", "unsubscribe")
            writer.field("subscription", request)
        case .ping:
            writer.field("method", "ping")
        }
        writer.endObject()
    }
}

/// An acknowledgement: what the venue did, and its echo of what was asked for.
package enum Acknowledgement {
    /// Reads the data of a `subscriptionResponse`; nothing when it has another form.
    package static func read(_ reader: inout MessageReader) -> (RequestKind, FeedRequest)? {
        var kind: RequestKind?
        var echo: FeedRequest?
        do throws(DecodingFault) {
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) {
                switch key {
                case "method": kind = RequestKind(rawValue: try reader.readString())
                case "subscription": echo = try FeedRequest(from: &reader)
                default: try reader.skipUnknown()
                }
            }
        } catch {
            return nil
        }
        guard let kind, let echo else { return nil }
        return (kind, echo)
    }
}
