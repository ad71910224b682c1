/// A feed of a user's rows: a marked snapshot of recent rows first, then rows as they come.
///
/// Rows that the venue repeats after a reconnect are not delivered again. A conforming type names itself, its row and
/// its priority; everything else is derived.
public protocol UserRowsFeed: UserFeed where Event == UserRows<Row>, Memory == ReplayMemory<Row.RowKey> {
    /// The type of one row.
    associatedtype Row: UserRow
    /// How urgently the feed is subscribed to, compared with others.
    static var priority: FeedPriority { get }
}

extension UserRowsFeed {
    /// Grouped with the same user's other feeds, routed by the user.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: Self.typeName, route: .user, routeKey: [user.description], snapshot: .marked,
            delivery: .buffered, priority: Self.priority)
    }

    /// Returns whether the rows are this user's.
    public func accepts(_ event: UserRows<Row>) -> Bool { event.user == user }

    /// The times of the oldest and the newest row; `nil` if there is no row.
    public static func venueMillisecondsRange(of event: UserRows<Row>) -> ClosedRange<Int64>? {
        let times = event.rows.lazy.map(\.rowTimeMilliseconds)
        guard let oldest = times.min(), let newest = times.max() else { return nil }
        return oldest...newest
    }

    /// Reads the rows and drops those that were delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Row.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<Row>> {
        try UserRows.decode(&reader, memory: &memory)
    }
}

/// Rows of one user, as one event delivers them.
public struct UserRows<Row: UserRow>: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The rows in the venue's order.
    public let rows: [Row]

    /// Creates an event from its rows.
    public init(user: Address, rows: [Row]) {
        self.user = user
        self.rows = rows
    }
}

/// One row of a user's list.
public protocol UserRow: VenueValue {
    /// What distinguishes one row from another, so that a repeated row is recognised.
    associatedtype RowKey: ReplayKey
    /// The venue's name of the list in a message.
    static var listName: String { get }
    /// The key of this row.
    var rowKey: RowKey { get }
    /// The time at which the row was made, by the venue's clock: milliseconds since 1970.
    var rowTimeMilliseconds: Int64 { get }
    /// Reads a row, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    init(from reader: inout MessageReader) throws(DecodingFault)
}

extension UserRows {
    /// Writes the message's data with the venue's field names; only snapshots are marked.
    package func write(isSnapshot: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        if isSnapshot { writer.field("isSnapshot", true) }
        writer.field("user", user)
        writer.field(Row.listName, array: rows)
        writer.endObject()
    }

    /// Reads the message's data and drops the rows that were delivered before.
    fileprivate static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Row.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<Row>> {
        let (all, isSnapshot) = try read(&reader)
        try reader.finish()
        return memory.partition(all.rows, key: { $0.rowKey }, time: { $0.rowTimeMilliseconds }, isMarked: isSnapshot)
            .map { UserRows(user: all.user, rows: $0) }
    }

    /// Reads the message's data, and whether it is marked as a snapshot.
    private static func read(
        _ reader: inout MessageReader
    ) throws(DecodingFault) -> (all: UserRows<Row>, isSnapshot: Bool) {
        var user: Address?, rows: [Row]?, isSnapshot = false
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "user" {
                user = try reader.readAddress()
            } else if key == "isSnapshot" {
                isSnapshot = try reader.readNullable { (r) throws(DecodingFault) in try r.readBoolean() } ?? false
            } else if key.text == Row.listName {
                rows = try reader.readArray { (r) throws(DecodingFault) in try Row(from: &r) }
            } else {
                try reader.skipUnknown()
            }
        }
        let known = try reader.require(user, "user", in: object)
        let all = try reader.require(rows, Row.listName, in: object)
        return (UserRows(user: known, rows: all), isSnapshot)
    }
}

extension UserRows: VenueList {
    /// One row.
    public typealias Element = Row

    /// The rows, in the venue's order.
    public var elements: [Row] { rows }
}

extension Decoded {
    /// Returns this result with its events transformed.
    fileprivate func map<Other: Sendable>(_ transform: (Event) -> Other) -> Decoded<Other> {
        switch self {
        case .update(let event): .update(transform(event))
        case .snapshot(let event): .snapshot(transform(event))
        case .snapshotAndUpdate(let both):
            .snapshotAndUpdate(PastAndPresent(past: transform(both.past), present: transform(both.present)))
        case .nothing: .nothing
        }
    }
}

extension UserRows: VenueValue {
    /// Reads the data, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        self = try Self.read(&reader).all
    }

    /// Writes the data with the venue's field names, without the mark of a snapshot.
    public func write(to writer: inout JSONWriter) { write(isSnapshot: false, to: &writer) }
}
