internal import HyperliquidEngine
internal import WebSocketTransport

/// The connections of a client from their dials to their ends, and the last failure of each address.
struct ConnectionTable {
    private var handlers: [ConnectionID: ConnectionHandler] = [:]
    private var failures: [EndpointKind: ConnectionFailure] = [:]

    /// The connection with this id; `nil` once it has ended.
    subscript(id: ConnectionID) -> ConnectionHandler? { handlers[id] }

    /// The number of open connections.
    var openCount: Int { handlers.values.count { $0.isOpen } }

    /// Adds a connection that is about to be dialled.
    mutating func add(_ handler: ConnectionHandler) { handlers[handler.id] = handler }

    /// Notes that a dial has succeeded.
    mutating func opened(_ handler: ConnectionHandler) { failures[handler.endpoint] = nil }

    /// Removes a connection, and keeps the reason of its end if that is a failure.
    mutating func ended(
        _ handler: ConnectionHandler, _ close: TransportClose, address: String, atMilliseconds time: Int64
    ) {
        handlers[handler.id] = nil
        guard let failure = ConnectionFailure(close, address: address, atMilliseconds: time) else { return }
        failures[handler.endpoint] = failure
    }

    /// The last failure at an address; `nil` if a dial there has succeeded since.
    func failure(of endpoint: EndpointKind) -> ConnectionFailure? { failures[endpoint] }

    /// The last failures: of the API, then of the explorer.
    var allFailures: [ConnectionFailure] { [EndpointKind.api, .explorer].compactMap { failures[$0] } }
}
