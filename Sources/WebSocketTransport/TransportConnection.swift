package import NIOCore
internal import NIOPosix
internal import NIOSSL

/// The owner of a connection. Called on the connection's loop only.
package protocol TransportDelegate: AnyObject {
    /// The upgrade is done: messages can be sent.
    func transportOpened(_ connection: TransportConnection)
    /// A complete text message, valid UTF-8, where it lies in the receive buffer: valid for the call only.
    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection)
    /// A complete binary message, valid for the call only.
    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection)
    /// A read from the socket brought bytes, and all messages that they completed have been delivered.
    func transportReadCompleted(_ connection: TransportConnection)
    /// The peer answered a ping frame.
    func transportPonged(_ connection: TransportConnection)
    /// The send buffer filled up or emptied.
    func transportWritabilityChanged(_ connection: TransportConnection)
    /// The connection has ended, or its dial has failed. Called exactly once; nothing is called after it.
    func transportClosed(_ reason: TransportClose)
}

/// An open WebSocket. Bound to its event loop: call it there only.
package final class TransportConnection {
    private let channel: any Channel
    let delegate: any TransportDelegate
    private let isServer: Bool
    private let closeTimeout: Duration
    private var pending: ByteBuffer
    private var isFlushScheduled = false
    /// The payload of the newest ping that could not be answered yet, because the peer does not read.
    private var owedPong: [UInt8]?
    /// The number of pings of this read that were answered.
    private var answeredPingCount = 0
    /// The largest number of pings of one read that are answered one by one.
    package static let pongLimit = 64
    private var close: TransportClose?
    private var hasSentClose = false
    private var isOpened = false
    private var hasEnded = false
    /// The number of reads of which the delegate was told.
    private(set) var completedReadCount = 0
    private var closeTimer: Scheduled<Void>?
    private(set) var isPaused = false
    /// Set by the frame handler: processes what was read while reading was paused.
    var resume: () -> Void = {}

    init(channel: any Channel, delegate: any TransportDelegate, isServer: Bool, closeTimeout: Duration) {
        self.channel = channel
        self.delegate = delegate
        self.isServer = isServer
        self.closeTimeout = closeTimeout
        pending = channel.allocator.buffer(capacity: 4096)
    }

    /// Whether nothing more is delivered or sent.
    var isOver: Bool { close != nil }

    /// The peer's address, for logs.
    package var remoteDescription: String { channel.remoteAddress.map { "\($0)" } ?? "unknown" }

    /// Whether the send buffer is below its high-water mark.
    package var isWritable: Bool { channel.isWritable }

    /// The number of bytes that were sent here and that the socket has not accepted yet.
    package var pendingByteCount: Int {
        // A closed channel has no such option, and sends nothing any more.
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return pending.readableBytes + buffered
    }

    // MARK: Sending

    /// Sends a text message. All messages of one turn of the loop are written to the socket together.
    package func send(text: [UInt8]) { write(.text, text) }

    /// Sends a binary message.
    package func send(binary: [UInt8]) { write(.binary, binary) }

    /// Sends a ping frame.
    package func sendPing() { write(.ping, []) }

    /// Writes a frame; does nothing after a Close frame.
    private func write(_ opcode: FrameHeader.Opcode, _ payload: [UInt8]) {
        guard !hasSentClose, !hasEnded else { return }
        FrameHeader.write(opcode, payloadByteCount: payload.count, isMasked: !isServer, to: &pending)
        if isServer {
            pending.writeBytes(payload)
        } else {
            writeMasked(payload)
        }
        scheduleFlush()
    }

    private func writeMasked(_ payload: [UInt8]) {
        // The mask is from the system's generator, because it must not be predictable (RFC 6455, section 10.3).
        let mask = UInt32.random(in: .min ... .max)
        pending.writeInteger(mask, endianness: .host)
        let start = pending.writerIndex
        pending.writeBytes(payload)
        let end = pending.writerIndex
        unsafe pending.withVeryUnsafeMutableBytes { bytes in
            unsafe Mask.apply(mask, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        channel.eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush(_ promise: EventLoopPromise<Void>? = nil) {
        isFlushScheduled = false
        guard pending.readableBytes > 0 else { return promise?.succeed() ?? () }
        let buffer = pending
        pending = channel.allocator.buffer(capacity: min(max(buffer.readableBytes, 4096), 1 << 20))
        channel.pipeline.syncOperations.writeAndFlush(NIOAny(buffer), promise: promise)
    }

    func answerPing(_ payload: [UInt8]) {
        // Only the newest ping needs an answer (RFC 6455, section 5.5.3). Otherwise a peer that pings and does not
        // read would fill our memory, and one that sends nothing but pings would keep us busy.
        answeredPingCount += 1
        if channel.isWritable, answeredPingCount <= Self.pongLimit { write(.pong, payload) } else { owedPong = payload }
    }

    private func payOwedPong() {
        guard let payload = owedPong, channel.isWritable else { return }
        owedPong = nil
        write(.pong, payload)
    }

    func writabilityChanged() {
        guard !isOver, !hasEnded else { return }
        payOwedPong()
        delegate.transportWritabilityChanged(self)
    }

    // MARK: Reading

    /// Stops reading: nothing is delivered until ``resumeReading()``. Bytes that have been read already wait.
    package func pauseReading() {
        guard !isOver else { return }
        isPaused = true
        setAutoRead(false)
    }

    /// Continues where ``pauseReading()`` stopped, in the next turn of the loop.
    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        channel.eventLoop.assumeIsolated().execute {
            guard !self.hasEnded, !self.isPaused else { return }
            self.resume()
            self.readCompleted()
            if !self.isPaused { self.setAutoRead(true) }
        }
    }

    private func setAutoRead(_ value: Bool) {
        // This call fails only on a closed channel, where it does not matter.
        try? channel.syncOptions?.setOption(.autoRead, value: value)
    }

    func opened() {
        guard !hasEnded else { return }
        isOpened = true
        delegate.transportOpened(self)
    }

    func readCompleted() {
        completedReadCount &+= 1
        answeredPingCount = 0
        payOwedPong()
        if !isOver { delegate.transportReadCompleted(self) }
        flush()
    }

    // MARK: Closing

    /// Closes in order: sends a Close frame and waits for the peer's, at most for the close timeout.
    package func close(code: CloseCode, reason: String) {
        guard close == nil, !hasSentClose else { return }
        close = .byUs
        sendClose(code.rawValue, reason)
        awaitEnd()
    }

    /// Drops the connection at once, without a Close frame; the peer sees a reset.
    package func abort() {
        close = close ?? .byUs
        pending.clear()
        // A linger of zero makes the system send a reset; without it the peer would see an orderly end.
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        drop()
    }

    /// Ends a connection of which the delegate does not know yet, because its dial is cancelled; does nothing afterwards.
    func cancel(_ error: TransportError) {
        guard !isOpened, !hasEnded else { return }
        close = .failed(error)
        drop()
        ended()
    }

    private func sendClose(_ code: UInt16?, _ reason: String, promise: EventLoopPromise<Void>? = nil) {
        var payload: [UInt8] = []
        if let code { payload = [UInt8(code >> 8), UInt8(code & 0xff)] + CloseCode.fitting(reason) }
        write(.close, payload)
        hasSentClose = true
        flush(promise)
    }

    /// Waits for the peer to end the connection; what it still sends is read and discarded.
    private func awaitEnd() {
        if isPaused { setAutoRead(true) }
        isPaused = false
        guard closeTimer == nil else { return }
        closeTimer = channel.eventLoop.assumeIsolated().scheduleTask(in: closeTimeout.timeAmount) { self.drop() }
    }

    /// Ends the connection now, without the close_notify of TLS, which would wait for a peer that may be gone and would
    /// add nothing to the Close frames.
    private func drop() {
        // This call throws if the connection does not use TLS.
        if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
            tls.close(promise: nil)
        } else {
            channel.close(promise: nil)
        }
    }

    /// Handles the peer's Close frame: answers it, unless it answers ours, and ends the connection.
    func peerClosed(_ code: UInt16?, _ reason: String) {
        guard !hasSentClose else { return drop() }
        close = close ?? .byPeer(code: code, reason: reason)
        // Closing at once would discard what is still to be sent, the answer included.
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.drop() }
        sendClose(code, "", promise: promise)
        awaitEnd()
    }

    /// Handles a breach of the protocol: sends the peer the reason and waits for it to end the connection. A close
    /// while more data arrives would reset the connection, and the reason would be lost.
    ///
    /// - Parameter tooLarge: The end to report instead, if the breach is a message beyond the limit.
    func fail(_ violation: FrameHeader.Violation, tooLarge: TransportClose?) {
        close = close ?? tooLarge ?? .violation(violation.message)
        guard !hasSentClose else { return drop() }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.channel.close(mode: .output, promise: nil) }
        sendClose(violation.code.rawValue, violation.message, promise: promise)
        awaitEnd()
    }

    /// Notes that the connection broke; `ended()` follows.
    func broke(_ why: String) { close = close ?? .lost(why) }

    /// Handles the end of the channel.
    func ended() {
        guard !hasEnded else { return }
        hasEnded = true
        closeTimer?.cancel()
        resume = {}
        let reason = close ?? .lost("the connection ended without a Close frame")
        close = reason
        delegate.transportClosed(reason)
    }
}

// Writing is not in `FrameHeader.swift`, because the fuzzer compiles that file without NIO.
extension FrameHeader {
    /// Writes the header of an unfragmented frame, without the mask's four bytes.
    package static func write(
        _ opcode: Opcode, payloadByteCount count: Int, isMasked: Bool, to buffer: inout ByteBuffer
    ) {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126: buffer.writeInteger(maskBit | UInt8(count))
        case ..<65536:
            buffer.writeInteger(maskBit | 126)
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(maskBit | 127)
            buffer.writeInteger(UInt64(count))
        }
    }
}
