/// An identifier that is a counter value and is never reused.
///
/// The engine chooses these values itself, so a hash table of them needs no defence against chosen collisions. The
/// standard library's hash spends about 170 instructions per look-up on that defence; one multiplication replaces it.
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

/// Identifies one connection from its dial to its close. Never reused.
package struct ConnectionID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "connection \(rawValue)" }
}

/// Identifies a connection slot, across all the connections that it has. Never reused.
package struct SlotID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "slot \(rawValue)" }
}

/// Identifies an upstream subscription from its first subscriber to its end at the venue. Never reused.
package struct UpstreamID: CountedID, CustomStringConvertible {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package var description: String { "upstream subscription \(rawValue)" }
}

/// The id of one post, which is also the id in the message to the venue. Never reused by a client.
package struct PostID: CountedID {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}
