import Foundation
import HyperliquidWire
import Testing

/// Recorded requests, acknowledgements, errors and pongs: the messages of a connection other than data.
@Suite(
    "Control captures",
    .enabled(if: FileManager.default.fileExists(atPath: CaptureTests.folder.path), "no recordings beside the package")
) struct ControlCaptureTests {
    /// Reads the kind of a message and, if it is an acknowledgement, its method and request.
    func read(_ message: String) throws -> (kind: _MessageKind, method: String?, request: FeedRequest?) {
        try withReader(message) { (reader) throws(DecodingFault) in
            let kind = reader._readEnvelope().kind
            guard kind == .subscriptionResponse else { return (kind, nil, nil) }
            return try readOperation(&reader, kind)
        }
    }

    func readOperation(
        _ reader: inout MessageReader, _ kind: _MessageKind
    ) throws(DecodingFault) -> (kind: _MessageKind, method: String?, request: FeedRequest?) {
        var method: String?
        var request: FeedRequest?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "method": method = try reader.readString()
            case "subscription": request = try FeedRequest(from: &reader)
            default: try reader.skipValue()
            }
        }
        return (kind, method, request)
    }

    /// The feed of the catalogue with this request; `nil` for a placeholder user.
    func feed(of request: FeedRequest) throws -> (any CatalogueFeed)? {
        do throws(FeedParameterError) {
            return try FeedCatalogue.makeFeed(
                type: request.type, parameters: request.fields.map { ($0.name, $0.value) })
        } catch {
            // The author of the recording replaced the address by a word.
            #expect(["mtiz", "example"].contains(request.text("user")), "\(error)")
            return nil
        }
    }

    @Test func `a recorded acknowledgement names a feed whose request it echoes`() throws {
        for (file, message) in CaptureTests.messages(in: "subscriptionResponse") {
            let (kind, method, echo) = try read(message)
            #expect(kind == .subscriptionResponse, "\(file)")
            #expect(["subscribe", "unsubscribe"].contains(method ?? ""), "\(file)")
            let request = try #require(echo, "\(file)")
            #expect(try #require(try feed(of: request)).request == request, "\(file)")
        }
    }

    @Test func `a recorded request is one that a feed makes and its acknowledgement echoes`() throws {
        var sent: [FeedRequest] = []
        var echoed = 0
        for (file, line) in CaptureTests.messages(in: "requests") {
            let tree = try #require(JSONTree(line))
            if let request = tree["sent"] {
                guard request["method"] != .string("post") else { continue }
                let (_, method, made) = try withReader(request.description) { (reader) throws(DecodingFault) in
                    try readOperation(&reader, .unknown)
                }
                #expect(method == "subscribe", "\(file)")
                sent.append(try #require(made))
                guard let feed = try feed(of: sent[sent.count - 1]) else { continue }
                #expect(JSONTree(feed.request.description)?.sorted == request["subscription"]?.sorted, "\(file)")
            } else if let received = tree["received"] {
                let (kind, _, echo) = try read(received.description)
                guard kind == .subscriptionResponse else { continue }
                let request = try #require(echo, "\(file)")
                #expect(sent.contains { $0.isEchoed(by: request) }, "\(file)")
                echoed += 1
            }
        }
        #expect(echoed > 0)
    }

    @Test func `a recorded answer to a post has an event of the matching feed`() throws {
        var count = 0
        for (file, line) in CaptureTests.messages(in: "requests") {
            guard let answer = JSONTree(line)?["received"], answer["channel"] == .string("post") else { continue }
            #expect(try read(answer.description).kind == .post, "\(file)")
            let payload = try #require(answer["data"]?["response"]?["payload"])
            #expect(payload["type"] == .string("l2Book"), "\(file)")
            let book = try #require(payload["data"])
            let fixture = Fixture(
                .l2Book(Coin(book["coin"]?.text ?? ""), nSigFigs: 3), #"{"channel":"l2Book","data":\#(book)}"#)
            #expect(fixture.outcome().events.first.flatMap { JSONTree($0)?.sorted } == book.sorted, "\(file)")
            count += 1
        }
        #expect(count == 1)
    }

    @Test(arguments: [
        ("error", _MessageKind.error), ("pong", .pong), ("subscriptionResponse", .subscriptionResponse),
    ])
    func `the envelope tells recorded errors, pongs and acknowledgements apart`(_ folder: String, _ kind: _MessageKind)
        throws
    {
        let messages = CaptureTests.messages(in: folder)
        #expect(!messages.isEmpty)
        for (file, message) in messages {
            #expect(try read(message).kind == kind, "\(file)")
            guard kind == .error else { continue }
            let text = try withReader(message) { (reader) throws(DecodingFault) in
                _ = reader._readEnvelope()
                return try reader.readString()
            }
            // The text that the venue quotes is JSON again, with the sender's white space.
            let quoted = try #require(text.firstIndex(of: "{").map { String(text[$0...]) }, "\(file)")
            #expect(JSONTree(quoted) != nil, "\(file)")
        }
    }

    @Test func `a test compares every folder of recordings`() throws {
        let known = Set(CaptureTests.readers.keys).union([
            "fastAssetCtxs", "subscriptionResponse", "error", "pong", "requests", "rest",
        ])
        let folders = try FileManager.default.contentsOfDirectory(atPath: CaptureTests.folder.path)
        #expect(Set(folders.filter { !$0.hasSuffix(".md") }).subtracting(known) == [])
    }
}
