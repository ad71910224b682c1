/// Names one connection from dial to close. Never used twice.
package struct LinkID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (lhs: LinkID, rhs: LinkID) -> Bool { lhs.rawValue < rhs.rawValue }
    package var description: String { "link \(rawValue)" }
}

/// Names a place for one connection. Never used twice.
package struct LaneID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (lhs: LaneID, rhs: LaneID) -> Bool { lhs.rawValue < rhs.rawValue }
    package var description: String { "lane \(rawValue)" }
}

/// Names one identity that somebody wants, while somebody wants it. Never used twice.
package struct WireID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (lhs: WireID, rhs: WireID) -> Bool { lhs.rawValue < rhs.rawValue }
    package var description: String { "wire \(rawValue)" }
}
