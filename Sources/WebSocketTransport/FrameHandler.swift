internal import NIOCore

/// The receive path: parses frames where they lie in the buffer that was read, and hands on what they complete.
final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: TransportConnection
    private var assembler: MessageAssembler
    /// The beginning of a frame whose end is still to come; or, while reading is paused, all that waits.
    private var carry = ByteBuffer()
    private var isStarted = false
    private var isProcessing = false
    private var isDone = false

    init(connection: TransportConnection, isServer: Bool, limit: Int) {
        self.connection = connection
        assembler = MessageAssembler(isServer: isServer, limit: limit)
        connection.resume = { [unowned self] in self.process() }
    }

    /// The HTTP codec has left the pipeline: frames may go both ways. What came before waits in `carry`.
    func start() {
        isStarted = true
        connection.opened()
        process()
        connection.readCompleted()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if !isStarted || isProcessing || connection.isPaused || carry.readableBytes > 0 {
            carry.writeBuffer(&buffer)
            if !isProcessing { process() }
            return
        }
        process(&buffer)
        if buffer.readableBytes > 0 { carry.writeBuffer(&buffer) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isStarted { connection.readCompleted() }
        context.fireChannelReadComplete()
    }

    /// Goes on with what waits.
    private func process() {
        guard isStarted, carry.readableBytes > 0 else { return }
        var buffer = carry
        carry = ByteBuffer()
        process(&buffer)
        if buffer.readableBytes > 0 {
            // What came while this was processed stands behind what is left of it.
            var later = carry
            carry = ByteBuffer(buffer: buffer)
            carry.writeBuffer(&later)
        }
    }

    private func process(_ buffer: inout ByteBuffer) {
        isProcessing = true
        defer { isProcessing = false }
        var consumed = 0
        unsafe buffer.withUnsafeReadableBytes { bytes in
            do throws(FrameHeader.Violation) {
                while consumed < bytes.count, !isDone, !connection.isPaused {
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                    guard let count = try unsafe assembler.read(rest, emit: { unsafe take($0) }) else { break }
                    consumed += count
                }
            } catch {
                isDone = true
                connection.fail(error)
            }
        }
        buffer.moveReaderIndex(forwardBy: isDone ? buffer.readableBytes : consumed)
    }

    @inline(__always)
    private func take(_ output: MessageAssembler.Output) {
        switch unsafe output {
        case .text(let bytes):
            let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            connection.delegate.transportReceived(text: unsafe Span(_unsafeElements: buffer), on: connection)
        case .binary(let count): connection.delegate.transportReceivedBinary(byteCount: count, on: connection)
        case .ping(let payload): connection.answerPing(payload)
        case .pong: connection.delegate.transportPonged(connection)
        case .close(let code, let reason):
            isDone = true
            connection.peerClosed(code, reason)
        }
        if connection.isOver { isDone = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.delegate.transportWritabilityChanged(connection)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.ended()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.broke("\(error)")
        context.close(promise: nil)
    }
}
