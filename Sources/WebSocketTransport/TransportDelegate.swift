/// Whoever a connection belongs to. Called on the connection's loop only.
package protocol TransportDelegate: AnyObject {
    /// The upgrade is done: messages can be sent.
    func transportOpened(_ connection: TransportConnection)
    /// A complete text message, valid UTF-8, where it lies in the receive buffer: gone when the call returns.
    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection)
    /// A complete binary message; gone when the call returns.
    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection)
    /// Everything that came in one read has been delivered.
    func transportReadCompleted(_ connection: TransportConnection)
    /// The peer answered a ping frame.
    func transportPonged(_ connection: TransportConnection)
    /// The send buffer filled up or emptied.
    func transportWritabilityChanged(_ connection: TransportConnection)
    /// The end, also of a dial that failed. Exactly once; nothing comes after it.
    func transportClosed(_ reason: TransportClose)
}
