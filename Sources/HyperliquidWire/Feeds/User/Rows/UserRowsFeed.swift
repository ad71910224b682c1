/// Rows of a user that the venue sends as a marked snapshot first, and then as they come.
public struct UserRows<Row: UserRow>: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The rows in the venue's order.
    public let rows: [Row]

    /// Rows of a user.
    public init(user: Address, rows: [Row]) {
        self.user = user
        self.rows = rows
    }
}

/// A row that the venue lists under a name of its own.
public protocol UserRow: JSONWritable, Sendable, Hashable {
    /// The list's name in the message.
    static var listName: String { get }
}

extension UserRows {
    /// Writes the message's data by the venue's field names; the mark stands only on snapshots.
    package func write(isSnapshot: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        if isSnapshot { writer.field("isSnapshot", true) }
        writer.field("user", user)
        writer.field(Row.listName, array: rows)
        writer.endObject()
    }

    /// Reads the message's data, and drops the rows that were delivered before.
    static func decode<Key: ReplayKey>(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Key>, key rowKey: (Row) -> Key, time: (Row) -> Int64,
        row: (inout MessageReader) throws(DecodingFault) -> Row
    ) throws(DecodingFault) -> Decoded<UserRows<Row>> {
        var user: Address?, rows: [Row]?, isSnapshot = false
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "user" {
                user = try reader.readAddress()
            } else if key == "isSnapshot" {
                isSnapshot = try reader.readOptional { (r) throws(DecodingFault) in try r.readBoolean() } ?? false
            } else if key.text == Row.listName {
                rows = try reader.readArray(row)
            } else {
                try reader.skipUnknown()
            }
        }
        try reader.finish()
        let known = try reader.require(user, "user", in: object)
        let all = try reader.require(rows, Row.listName, in: object)
        return memory.sort(all, key: rowKey, time: time, isMarked: isSnapshot).map { UserRows(user: known, rows: $0) }
    }
}

extension Decoded {
    /// The same with another event.
    func map<Other: Sendable>(_ transform: (Event) -> Other) -> Decoded<Other> {
        switch self {
        case .update(let event): .update(transform(event))
        case .snapshot(let event): .snapshot(transform(event))
        case .snapshotAndUpdate(let both):
            .snapshotAndUpdate(PastAndPresent(past: transform(both.past), present: transform(both.present)))
        case .nothing: .nothing
        }
    }
}

extension MessageReader {
    /// Reads null or whatever `value` reads.
    mutating func readOptional<Value>(
        _ value: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value? {
        try readNullable(value)
    }
}

extension UserRows: JSONWritable {
    /// Writes the data by the venue's field names, without the mark of a snapshot.
    public func write(to writer: inout JSONWriter) { write(isSnapshot: false, to: &writer) }
}
