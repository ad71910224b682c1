internal import NIOCore

/// An open WebSocket. Bound to its event loop: call it there only.
package final class TransportConnection {
    let channel: any Channel
    let delegate: any TransportDelegate
    private let isServer: Bool
    let closeTimeout: Duration
    var pending: ByteBuffer
    private var isFlushScheduled = false
    /// The payload of the newest ping that could not be answered yet: the peer does not read.
    private var owedPong: [UInt8]?
    var close: TransportClose?
    var hasSentClose = false
    var hasEnded = false
    var closeTimer: Scheduled<Void>?
    var isPaused = false
    /// Set by the handler: goes on with what waited while reading was paused.
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

    /// Where the peer is.
    package var remoteDescription: String { channel.remoteAddress.map { "\($0)" } ?? "unknown" }

    /// Whether the send buffer has room.
    package var isWritable: Bool { channel.isWritable }

    /// Bytes that were sent here and have not left for the network.
    package var pendingByteCount: Int {
        // There is no such option on a channel that is closed, where nothing leaves any more.
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return pending.readableBytes + buffered
    }

    // MARK: Sending

    /// Sends a text message. It leaves with all others of this turn of the loop.
    package func send(text: [UInt8]) { write(.text, text) }

    /// Sends a binary message.
    package func send(binary: [UInt8]) { write(.binary, binary) }

    /// Sends a ping frame.
    package func sendPing() { write(.ping, []) }

    /// Nothing is written after a Close frame.
    func write(_ opcode: FrameHeader.Opcode, _ payload: [UInt8]) {
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
        // Of the system's own generator: the peer may not guess it (RFC 6455, section 10.3).
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

    func flush(_ promise: EventLoopPromise<Void>? = nil) {
        isFlushScheduled = false
        guard pending.readableBytes > 0 else { return promise?.succeed() ?? () }
        let buffer = pending
        pending = channel.allocator.buffer(capacity: min(max(buffer.readableBytes, 4096), 1 << 20))
        channel.pipeline.syncOperations.writeAndFlush(NIOAny(buffer), promise: promise)
    }

    func answerPing(_ payload: [UInt8]) {
        // Only the newest ping needs an answer (RFC 6455, section 5.5.3): a peer that pings and does not read
        // may not fill our memory.
        if channel.isWritable { write(.pong, payload) } else { owedPong = payload }
    }

    func writabilityChanged() {
        guard !isOver, !hasEnded else { return }
        if channel.isWritable, let payload = owedPong {
            owedPong = nil
            write(.pong, payload)
        }
        delegate.transportWritabilityChanged(self)
    }

    // MARK: Reading

    /// Delivers nothing until `resumeReading`; what has been read waits.
    package func pauseReading() {
        guard !isOver else { return }
        isPaused = true
        setAutoRead(false)
    }

    /// Goes on where `pauseReading` stopped.
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

    func setAutoRead(_ value: Bool) {
        // Fails only on a channel that is closed, where it does not matter.
        try? channel.syncOptions?.setOption(.autoRead, value: value)
    }

    func opened() {
        if !hasEnded { delegate.transportOpened(self) }
    }

    func readCompleted() {
        if !isOver { delegate.transportReadCompleted(self) }
        flush()
    }
}
