/// Other forms of the same value, and values that are nearly the same.
extension JSONTree {
    /// The value with the members of each object in random order.
    func shuffled(using generator: inout some RandomNumberGenerator) -> JSONTree {
        switch self {
        case .object(let members):
            .object(
                members.map { Member(key: $0.key, value: $0.value.shuffled(using: &generator)) }
                    .shuffled(using: &generator))
        case .array(let elements): .array(elements.map { $0.shuffled(using: &generator) })
        case .string, .scalar: self
        }
    }

    /// The same value with `change` applied to each object's members, from the inside out.
    func mappingObjects(_ change: ([Member]) -> [Member]) -> JSONTree {
        switch self {
        case .object(let members):
            .object(change(members.map { Member(key: $0.key, value: $0.value.mappingObjects(change)) }))
        case .array(let elements): .array(elements.map { $0.mappingObjects(change) })
        case .string, .scalar: self
        }
    }

    /// A message with another `data` in the same envelope; a bare array is its own data.
    func mappingData(_ change: (JSONTree) -> JSONTree) -> JSONTree {
        guard case .object(let members) = self else { return change(self) }
        return .object(
            members.map { $0.key == "data" ? Member(key: "data", value: change($0.value)) : $0 })
    }

    /// The value with one of its parts, counted in reading order, replaced by `part`; `nil` past the last one.
    func replacing(part index: Int, by part: JSONTree) -> JSONTree? {
        var rest = index
        let replaced = replacing(&rest, part)
        return rest < 0 ? replaced : nil
    }

    private func replacing(_ rest: inout Int, _ part: JSONTree) -> JSONTree {
        rest -= 1
        if rest == -1 { return part }
        guard rest >= 0 else { return self }
        switch self {
        case .object(let members):
            var changed: [Member] = []
            for member in members {
                changed.append(Member(key: member.key, value: member.value.replacing(&rest, part)))
            }
            return .object(changed)
        case .array(let elements):
            var changed: [JSONTree] = []
            for element in elements { changed.append(element.replacing(&rest, part)) }
            return .array(changed)
        case .string, .scalar: return self
        }
    }

    /// The value as JSON, with white space wherever JSON allows it.
    var spaced: String {
        let space = " \n\t\r "
        switch self {
        case .object(let members):
            let fields = members.map { "\(JSONTree.string($0.key))\(space):\($0.value.spaced)" }
            return space + "{" + space + fields.joined(separator: "," + space) + space + "}" + space
        case .array(let elements):
            return space + "[" + space + elements.map(\.spaced).joined(separator: "," + space) + space + "]" + space
        case .string, .scalar: return space + description + space
        }
    }

    /// The value as JSON, with every character of every string and key as a `\u` escape.
    var escaped: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\(JSONTree.string($0.key).escaped):\($0.value.escaped)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.escaped).joined(separator: ",") + "]"
        case .string(let text): "\"" + text.utf16.map(JSONTree.escape).joined() + "\""
        case .scalar(let text): text
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
