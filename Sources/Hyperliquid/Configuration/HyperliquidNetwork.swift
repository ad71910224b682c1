internal import WebSocketTransport

/// One of the venue's networks, or any other server that speaks its protocol.
public struct HyperliquidNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The address of the API's WebSocket.
    public let api: String
    /// The address of the explorer's WebSocket.
    public let explorer: String
    private let name: String

    /// The main network. Its API address is documented by the venue, its explorer address is not.
    public static let mainnet = HyperliquidNetwork(
        api: "wss://api.hyperliquid.xyz/ws", explorer: "wss://rpc.hyperliquid.xyz/ws", name: "mainnet")
    /// The test network.
    public static let testnet = HyperliquidNetwork(
        api: "wss://api.hyperliquid-testnet.xyz/ws", explorer: "wss://rpc.hyperliquid-testnet.xyz/ws", name: "testnet")

    /// Any other server that speaks the venue's protocol, for example a simulator.
    /// - Parameters:
    ///   - api: A WebSocket address such as `ws://127.0.0.1:8080/ws`.
    ///   - explorer: The address for the explorer's feeds; it may be the same.
    public static func custom(api: String, explorer: String) -> HyperliquidNetwork {
        HyperliquidNetwork(api: api, explorer: explorer, name: api)
    }

    /// The address of the connections of one kind.
    func address(of endpoint: EndpointKind) -> String {
        switch endpoint {
        case .api: api
        case .explorer: explorer
        }
    }

    /// The problem with the network's addresses; `nil` if both are WebSocket addresses.
    var problem: String? {
        for address in [api, explorer] {
            do throws(TransportError) {
                _ = try Endpoint(address)
            } catch {
                return error.message
            }
        }
        return nil
    }

    /// The network's name; the API address for a custom network.
    public var description: String { name }
}
