package import HyperliquidWire

extension FeedRequest {
    /// The request as people say it: `l2Book BTC nSigFigs=5`.
    package var words: String {
        let parts = fields.map { field in
            switch field.value {
            case .string(let text): field.name == "coin" || field.name == "user" ? text : "\(field.name)=\(text)"
            case .integer(let number): "\(field.name)=\(number)"
            case .boolean(let flag): "\(field.name)=\(flag)"
            case .null: field.name
            }
        }
        return ([type] + parts).joined(separator: " ")
    }
}
