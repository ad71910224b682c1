/// Names one request over the socket; it goes on the upstream subscription. Never used twice in a client's life.
package struct PostID: CountedID {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// What a request does at the venue.
package enum PostKind: String, Hashable, Sendable {
    /// It asks: it may be sent again when its answer is lost.
    case info
    /// It acts, and may have acted though its answer is lost: it is never sent again.
    case action
}
