internal import HyperliquidWire

/// The chain's blocks and transactions, each derived from its number alone.
struct Explorer: Sendable {
    let seed: UInt64
    /// The time between two blocks.
    let blockMilliseconds: Int64

    /// Added to the block number, so that heights look like the venue's.
    private static let firstHeight: Int64 = 700_000_000

    private func draw(_ block: Int64, _ salt: UInt64) -> UInt64 { SplitMix64.mix(seed ^ UInt64(block), salt) }
    private func height(_ block: Int64) -> Int64 { block % 10_000_000_000 + Self.firstHeight }

    func blocks(in range: Range<Int64>) -> [ExplorerBlock] {
        range.map { block in
            ExplorerBlock(
                timeMilliseconds: block * blockMilliseconds, hash: TransactionHash(transaction: draw(block, 0)),
                height: height(block), transactionCount: Int(draw(block, 1) % 900) + 50,
                proposer: Address(participant: 1000 + draw(block, 2) % 24))
        }
    }

    /// Some transactions of each block: 4 to 11.
    func transactions(in range: Range<Int64>) -> [ExplorerTransaction] {
        range.flatMap { block in
            (0..<4 + draw(block, 3) % 8).map { index in
                let draw = draw(block, 100 + index)
                return ExplorerTransaction(
                    action: RawMessage(bytes: Array(Self.action(draw).utf8)), block: height(block),
                    error: draw % 23 == 0 ? "Order could not immediately match against any resting orders." : nil,
                    hash: TransactionHash(transaction: draw), timeMilliseconds: block * blockMilliseconds,
                    user: Address(participant: draw >> 8 % 64))
            }
        }
    }

    private static func action(_ draw: UInt64) -> String {
        let (asset, order) = (draw >> 10 % 200, 310_000_000_000 + draw >> 20 % 1_000_000)
        switch draw % 4 {
        case 0: return #"{"type":"cancel","cancels":[{"a":\#(asset),"o":\#(order)}]}"#
        case 1: return #"{"type":"updateLeverage","asset":\#(asset),"isCross":true,"leverage":10}"#
        case 2: return #"{"type":"noop"}"#
        default:
            return
                #"{"type":"order","orders":[{"a":\#(asset),"b":\#(draw >> 9 % 2 == 0),"p":"\#(draw >> 30 % 9000).5","#
                + #""s":"0.5","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"#
        }
    }
}
