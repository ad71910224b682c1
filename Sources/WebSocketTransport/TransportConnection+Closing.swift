internal import NIOCore
internal import NIOPosix
internal import NIOSSL

extension TransportConnection {
    /// Closes in order: sends Close, waits for the peer's for a while, then drops the connection.
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

    private func sendClose(_ code: UInt16?, _ reason: String, promise: EventLoopPromise<Void>? = nil) {
        var payload: [UInt8] = []
        if let code { payload = [UInt8(code >> 8), UInt8(code & 0xff)] + CloseCode.fitting(reason) }
        write(.close, payload)
        hasSentClose = true
        flush(promise)
    }

    /// The peer has its time to end the connection; what it still sends is read and thrown away.
    private func awaitEnd() {
        if isPaused { setAutoRead(true) }
        isPaused = false
        guard closeTimer == nil else { return }
        closeTimer = channel.eventLoop.assumeIsolated().scheduleTask(in: closeTimeout.timeAmount) { self.drop() }
    }

    /// Ends the connection now. TLS is passed over: its farewell would wait for a peer that may be gone, and says
    /// nothing that the Close frames have not said.
    private func drop() {
        // There is no such context where there is no TLS.
        if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
            tls.close(promise: nil)
        } else {
            channel.close(promise: nil)
        }
    }

    /// The peer sent Close: it is answered, if it is not the answer to ours, and the connection ends.
    func peerClosed(_ code: UInt16?, _ reason: String) {
        guard !hasSentClose else { return drop() }
        close = close ?? .byPeer(code: code, reason: reason)
        // To close at once would throw away what is still to leave, the answer with it.
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.drop() }
        sendClose(code, "", promise: promise)
        awaitEnd()
    }

    /// The peer broke the protocol. It is told why and has its time to read that: to close while more of it
    /// arrives would reset the connection, and the reason would be lost.
    func fail(_ violation: FrameHeader.Violation) {
        close = close ?? .violation(violation.message)
        guard !hasSentClose else { return drop() }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.channel.close(mode: .output, promise: nil) }
        sendClose(violation.code.rawValue, violation.message, promise: promise)
        awaitEnd()
    }

    func broke(_ why: String) { close = close ?? .lost(why) }

    /// The channel is closed.
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
