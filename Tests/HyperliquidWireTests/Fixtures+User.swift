import HyperliquidWire

extension Fixtures {
    /// The feeds of a user.
    static let user: [Fixture] = []
}
