internal import WebSocketTransport

/// Which of the venue's networks a client talks to.
public struct HyperliquidNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The API socket's address.
    public let api: String
    /// The explorer socket's address.
    public let explorer: String
    private let name: String

    /// The main network (addresses: the venue's documentation; the explorer's are undocumented).
    public static let mainnet = HyperliquidNetwork(
        api: "wss://api.hyperliquid.xyz/ws", explorer: "wss://rpc.hyperliquid.xyz/ws", name: "mainnet")
    /// The test network.
    public static let testnet = HyperliquidNetwork(
        api: "wss://api.hyperliquid-testnet.xyz/ws", explorer: "wss://rpc.hyperliquid-testnet.xyz/ws", name: "testnet")

    /// Any other place that speaks the venue's protocol, for example a simulator: two WebSocket addresses such as
    /// `ws://127.0.0.1:8080/ws`.
    public static func custom(api: String, explorer: String) -> HyperliquidNetwork {
        HyperliquidNetwork(api: api, explorer: explorer, name: api)
    }

    /// What is wrong with its addresses.
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

    /// The network's name, or its address.
    public var description: String { name }
}
