/// Which feed a level of an ``OrderBook`` comes from, the shallowest first.
///
/// Of two messages of one venue time the deeper one counts.
public enum BookSource: Int, Hashable, Comparable, Sendable, CaseIterable {
    /// `bbo`: the best level of each side, each time one of them changes.
    case bestBidOffer
    /// `l2Book` with `fast`: five levels a side, about each half second.
    case fastBook
    /// `l2Book`: up to 20 levels a side, about each five seconds.
    case fullBook

    /// The most levels that the venue sends for a side; a side with fewer is whole (docs/protocol.md, "l2Book").
    public var levelLimit: Int {
        switch self {
        case .bestBidOffer: 1
        case .fastBook: 5
        case .fullBook: 20
        }
    }

    /// Orders by depth.
    public static func < (lhs: BookSource, rhs: BookSource) -> Bool { lhs.rawValue < rhs.rawValue }
}
