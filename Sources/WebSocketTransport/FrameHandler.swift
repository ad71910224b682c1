internal import NIOCore

/// The receive path: parses frames where they lie in the buffer that was read, and hands on what they complete.
final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: TransportConnection
    private var assembler: MessageAssembler
    /// The beginning of a frame whose end is still to come; or, while nothing is taken, all that waits.
    private var carry = ByteBuffer()
    /// How long `carry` must be before it is worth a look.
    private var wantedByteCount = 0
    private var isStarted = false
    private var isProcessing = false
    /// No frame is read any more; what still comes is thrown away.
    private var isDone = false

    /// A larger carry is given back after its frame.
    private static let keptByteCount = 1 << 20

    init(connection: TransportConnection, isServer: Bool, limit: Int) {
        self.connection = connection
        assembler = MessageAssembler(isServer: isServer, limit: limit)
        connection.resume = { [unowned self] in self.processWaiting() }
    }

    /// The HTTP codec has left the pipeline: frames may go both ways. What came before waits in `carry`.
    func start() {
        isStarted = true
        connection.opened()
        processWaiting()
        connection.readCompleted()
    }

    private var takes: Bool { isStarted && !isProcessing && !connection.isPaused }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if takes {
            while carry.readableBytes > 0, buffer.readableBytes > 0, takes { completeCarry(from: &buffer) }
            if carry.readableBytes == 0, takes { process(&buffer) }
        }
        if buffer.readableBytes > 0 { carry.writeBuffer(&buffer) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isStarted { connection.readCompleted() }
        context.fireChannelReadComplete()
    }

    /// Moves over only what the waiting frame lacks: the rest of a read is parsed where it lies, and a message of
    /// many reads is copied once.
    private func completeCarry(from buffer: inout ByteBuffer) {
        let lacking = max(wantedByteCount - carry.readableBytes, 1)
        if lacking > buffer.readableBytes { carry.reserveCapacity(minimumWritableBytes: lacking) }
        if var part = buffer.readSlice(length: min(lacking, buffer.readableBytes)) { carry.writeBuffer(&part) }
        if carry.readableBytes >= wantedByteCount { processWaiting() }
    }

    /// Goes on with what waits.
    private func processWaiting() {
        guard isStarted, !isProcessing, carry.readableBytes > 0 else { return }
        // Out of `self`: what arrives while this is processed goes to a new one.
        var waiting = carry
        carry = ByteBuffer()
        process(&waiting)
        waiting.writeBuffer(&carry)
        if waiting.readableBytes == 0 {
            waiting = waiting.capacity > Self.keptByteCount ? ByteBuffer() : waiting
            waiting.clear()
        }
        carry = waiting
    }

    private func process(_ buffer: inout ByteBuffer) {
        isProcessing = true
        defer { isProcessing = false }
        guard !isDone else { return buffer.moveReaderIndex(to: buffer.writerIndex) }
        // Out of `self`: in place the access would stay open for the whole read, and each other checked access that
        // delivering a message makes would be held against it.
        var assembler = assembler.emptied()
        swap(&assembler, &self.assembler)
        defer { swap(&assembler, &self.assembler) }
        let consumed = unsafe buffer.withUnsafeReadableBytes { bytes in
            do throws(FrameHeader.Violation) {
                let consumed = try unsafe assembler.read(bytes) { unsafe take($0) }
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                wantedByteCount = unsafe assembler.wantedByteCount(rest)
                return consumed
            } catch {
                isDone = true
                connection.fail(error)
                return 0
            }
        }
        buffer.moveReaderIndex(forwardBy: isDone ? buffer.readableBytes : consumed)
    }

    /// Hands on; false when nothing more is to come.
    @inline(__always)
    private func take(_ output: MessageAssembler.Output) -> Bool {
        // After our own Close only the peer's is of interest.
        guard !connection.isOver else { return unsafe takeLast(output) }
        switch unsafe output {
        case .text(let bytes):
            let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            connection.delegate.transportReceived(text: unsafe Span(_unsafeElements: buffer), on: connection)
        case .binary(let bytes):
            let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            connection.delegate.transportReceived(binary: unsafe Span(_unsafeElements: buffer), on: connection)
        case .ping(let payload): connection.answerPing(payload)
        case .pong: connection.delegate.transportPonged(connection)
        case .close: return unsafe takeLast(output)
        }
        return !connection.isPaused
    }

    private func takeLast(_ output: MessageAssembler.Output) -> Bool {
        guard case .close(let code, let reason) = unsafe output else { return true }
        isDone = true
        connection.peerClosed(code, reason)
        return false
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if carry.readableBytes > 0, !connection.isPaused { connection.broke("the peer left in the middle of a frame") }
        connection.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.broke(TransportError.reason(of: error))
        context.close(promise: nil)
    }
}
