internal import NIOCore

/// Stands before the TLS handler, and tells the connection of the reads that completed no TLS record.
///
/// The TLS handler passes such a read on to nobody: a record of 16 KB on a slow line would look like a dead peer.
final class RecordHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The connection, once it is open.
    var connection: TransportConnection?

    func channelReadComplete(context: ChannelHandlerContext) {
        let count = connection?.completedReadCount
        context.fireChannelReadComplete()
        if let connection, connection.completedReadCount == count { connection.readCompleted() }
    }
}

/// The receive path: parses frames where they lie in the receive buffer, and passes complete messages to the delegate.
final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: TransportConnection
    private var assembler: MessageAssembler
    /// The beginning of an incomplete frame; while reading is paused, everything that was read.
    private var carry = ByteBuffer()
    /// The length that `carry` must have before parsing it can make progress.
    private var wantedByteCount = 0
    private var isStarted = false
    private var isProcessing = false
    /// Whether no frame is parsed any more: further bytes are discarded.
    private var isDone = false

    /// If `carry` has a larger capacity, it is released when it is empty.
    private static let keptByteCount = 1 << 20

    init(connection: TransportConnection, isServer: Bool, limit: Int) {
        self.connection = connection
        assembler = MessageAssembler(isServer: isServer, limit: limit)
        connection.resume = { [unowned self] in self.processWaiting() }
    }

    /// If the channel has ended before, nobody would tell this handler: the answer to the upgrade may find a peer that has
    /// reset the connection.
    func handlerAdded(context: ChannelHandlerContext) {
        if !context.channel.isActive { connection.ended() }
    }

    /// Starts to exchange frames, because the HTTP codec has left the pipeline. Bytes that came before wait in `carry`.
    func start() {
        isStarted = true
        connection.opened()
        processWaiting()
        connection.readCompleted()
    }

    private var canProcess: Bool { isStarted && !isProcessing && !connection.isPaused }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if canProcess {
            while carry.readableBytes > 0, buffer.readableBytes > 0, canProcess { completeCarry(from: &buffer) }
            if carry.readableBytes == 0, canProcess { process(&buffer) }
        }
        if buffer.readableBytes > 0 { carry.writeBuffer(&buffer) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isStarted { connection.readCompleted() }
        context.fireChannelReadComplete()
    }

    /// Moves only the missing bytes of the incomplete frame: the rest of a read is parsed where it lies, and a message of
    /// many reads is copied once.
    private func completeCarry(from buffer: inout ByteBuffer) {
        let missing = max(wantedByteCount - carry.readableBytes, 1)
        if missing > buffer.readableBytes { carry.reserveCapacity(minimumWritableBytes: missing) }
        if var part = buffer.readSlice(length: min(missing, buffer.readableBytes)) { carry.writeBuffer(&part) }
        if carry.readableBytes >= wantedByteCount { processWaiting() }
    }

    /// Parses the bytes that wait in `carry`.
    private func processWaiting() {
        guard isStarted, !isProcessing, carry.readableBytes > 0 else { return }
        // The bytes are moved out of `self`, so that bytes that arrive meanwhile go to a new buffer.
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
        // The assembler is moved out of `self`. Otherwise, the access to it would last for the whole read, and each
        // checked access during the delivery of a message would be compared with it.
        var assembler = assembler.emptied()
        swap(&assembler, &self.assembler)
        defer { swap(&assembler, &self.assembler) }
        let consumed = unsafe buffer.withUnsafeReadableBytes { bytes in
            do throws(FrameHeader.Violation) {
                let consumed = try unsafe assembler.read(bytes) { unsafe emit($0) }
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                wantedByteCount = unsafe assembler.wantedByteCount(rest)
                return consumed
            } catch {
                isDone = true
                let head = error.code == .messageTooBig ? assembler.largeHead : nil
                connection.fail(error, tooLarge: head.map { .messageTooLarge(limit: assembler.limit, head: $0) })
                return 0
            }
        }
        buffer.moveReaderIndex(forwardBy: isDone ? buffer.readableBytes : consumed)
    }

    /// Passes a message or control frame that is complete on to the delegate or the connection.
    /// - Returns: Whether parsing continues.
    @inline(__always)
    private func emit(_ output: MessageAssembler.Output) -> Bool {
        // After our own Close frame, only the peer's Close frame matters.
        guard !connection.isOver else { return unsafe emitAfterClose(output) }
        switch unsafe output {
        case .text(let bytes):
            let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            connection.delegate.transportReceived(text: unsafe Span(_unsafeElements: buffer), on: connection)
        case .binary(let bytes):
            let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            connection.delegate.transportReceived(binary: unsafe Span(_unsafeElements: buffer), on: connection)
        case .ping(let payload): connection.answerPing(payload)
        case .pong: connection.delegate.transportPonged(connection)
        case .close: return unsafe emitAfterClose(output)
        }
        return !connection.isPaused
    }

    private func emitAfterClose(_ output: MessageAssembler.Output) -> Bool {
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
        if carry.readableBytes > 0, !connection.isPaused {
            connection.broke("the peer closed the connection in the middle of a frame")
        }
        connection.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.broke(TransportError.reason(of: error))
        context.close(promise: nil)
    }
}
