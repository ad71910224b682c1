internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Android)
internal import Android
#endif

/// An open WebSocket. Bound to its event loop: call it there only.
package final class TransportConnection {
    let channel: any Channel
    let delegate: any TransportDelegate
    private let isServer: Bool
    private let closeTimeout: Duration
    private var pending: ByteBuffer
    private var isFlushScheduled = false
    private var close: TransportClose?
    private var hasSentClose = false
    private var closeTimer: Scheduled<Void>?
    private(set) var isPaused = false
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
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return pending.readableBytes + buffered
    }

    // MARK: Sending

    /// Sends a text message. It leaves with all others of this turn of the loop.
    package func send(text: [UInt8]) {
        guard !isOver, !hasSentClose else { return }
        write(.text, text)
    }

    /// Sends a ping frame.
    package func sendPing() {
        guard !isOver, !hasSentClose else { return }
        write(.ping, [])
    }

    private func write(_ opcode: FrameHeader.Opcode, _ payload: [UInt8]) {
        pending.writeInteger(0x80 | opcode.rawValue)
        let maskBit: UInt8 = isServer ? 0 : 0x80
        switch payload.count {
        case ..<126: pending.writeInteger(maskBit | UInt8(payload.count))
        case ..<65536:
            pending.writeInteger(maskBit | 126)
            pending.writeInteger(UInt16(payload.count))
        default:
            pending.writeInteger(maskBit | 127)
            pending.writeInteger(UInt64(payload.count))
        }
        if isServer {
            pending.writeBytes(payload)
        } else {
            let mask = UInt32.random(in: .min ... .max)
            pending.writeInteger(mask)
            let key = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: mask >> UInt32($0)) }
            pending.writeBytes(payload.enumerated().map { $0.element ^ key[$0.offset & 3] })
        }
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        channel.eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        isFlushScheduled = false
        guard pending.readableBytes > 0 else { return }
        let buffer = pending
        pending = channel.allocator.buffer(capacity: min(max(buffer.readableBytes, 4096), 1 << 20))
        channel.pipeline.syncOperations.writeAndFlush(NIOAny(buffer), promise: nil)
    }

    // MARK: Reading

    /// Delivers nothing until `resumeReading`; what has been read waits.
    package func pauseReading() {
        isPaused = true
        setAutoRead(false)
    }

    /// Goes on where `pauseReading` stopped.
    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        channel.eventLoop.assumeIsolated().execute {
            self.resume()
            self.delegate.transportReadCompleted(self)
            if !self.isPaused { self.setAutoRead(true) }
        }
    }

    private func setAutoRead(_ value: Bool) {
        // Fails only on a channel that is closed, where it does not matter.
        try? channel.syncOptions?.setOption(.autoRead, value: value)
    }

    func opened() { delegate.transportOpened(self) }

    func readCompleted() {
        if !isOver { delegate.transportReadCompleted(self) }
        flush()
    }

    func answerPing(_ payload: [UInt8]) {
        guard !isOver, !hasSentClose else { return }
        write(.pong, payload)
    }

    // MARK: Closing

    /// Closes in order: sends Close, waits for the peer's for a while, then drops the connection.
    package func close(code: CloseCode, reason: String) {
        guard close == nil, !hasSentClose else { return }
        sendClose(code.rawValue, reason)
        close = .byUs
        let timeout = TimeAmount.nanoseconds(Int64(closeTimeout / .nanoseconds(1)))
        closeTimer = channel.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.drop() }
    }

    /// Drops the connection at once, without a Close frame; the peer sees a reset.
    package func abort() {
        close = close ?? .byUs
        pending.clear()
        // A linger of zero makes the system send a reset; without it the peer would see an orderly end.
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        drop()
    }

    private func sendClose(_ code: UInt16?, _ reason: String) {
        guard !hasSentClose else { return }
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8.prefix(123))
        }
        write(.close, payload)
        hasSentClose = true
        flush()
    }

    private func drop() {
        channel.close(promise: nil)
    }

    /// The peer sent Close: it is answered, if it is not the answer to ours.
    func peerClosed(_ code: UInt16?, _ reason: String) {
        close = close ?? .byPeer(code: code, reason: reason)
        sendClose(code, "")
        drop()
    }

    /// The peer broke the protocol.
    func fail(_ violation: FrameHeader.Violation) {
        close = close ?? .violation(violation.message)
        sendClose(violation.code.rawValue, violation.message)
        drop()
    }

    func broke(_ why: String) { close = close ?? .lost(why) }

    /// The channel is closed.
    func ended() {
        closeTimer?.cancel()
        resume = {}
        delegate.transportClosed(close ?? .lost("the connection ended without a Close frame"))
    }
}
