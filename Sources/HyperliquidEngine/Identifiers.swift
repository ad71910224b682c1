/// A number that is counted up and never used twice.
///
/// A table of such numbers needs no defence against keys made to collide, which the standard library's hash pays some
/// 170 instructions a look-up for: they are spread by one multiplication.
package protocol CountedID: Hashable, Comparable, Sendable {
    var rawValue: UInt64 { get }
}

extension CountedID {
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    package func _rawHashValue(seed: Int) -> Int {
        let product = (rawValue ^ UInt64(bitPattern: Int64(seed))).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}

/// Names one connection from dial to close. Never used twice.
package struct ConnectionID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "connection \(rawValue)" }
}

/// Names a place for one connection. Never used twice.
package struct SlotID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "slot \(rawValue)" }
}

/// Names one identity that somebody wants, while somebody wants it. Never used twice.
package struct UpstreamID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "upstream subscription \(rawValue)" }
}
