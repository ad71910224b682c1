/// A JSON value as a tree, read by the plainest possible code, with which the tests compare the readers.
indirect enum JSONTree: Hashable, Sendable, CustomStringConvertible {
    case object([Member])
    case array([JSONTree])
    case string(String)
    /// A number, `true`, `false` or `null`, as written.
    case scalar(String)

    struct Member: Hashable, Sendable {
        var key: String
        var value: JSONTree
    }

    /// Reads well-formed JSON; `nil` for anything else.
    init?(_ text: String) {
        var characters = Array(text.unicodeScalars)[...]
        guard let tree = JSONTree(&characters) else { return nil }
        JSONTree.skipSpace(&characters)
        guard characters.isEmpty else { return nil }
        self = tree
    }

    private static func skipSpace(_ text: inout ArraySlice<Unicode.Scalar>) {
        while let first = text.first, " \n\r\t".unicodeScalars.contains(first) { text.removeFirst() }
    }

    private init?(_ text: inout ArraySlice<Unicode.Scalar>) {
        JSONTree.skipSpace(&text)
        switch text.first {
        case "{":
            text.removeFirst()
            var members: [Member] = []
            while true {
                JSONTree.skipSpace(&text)
                if text.first == "}" { break }
                guard case .string(let key)? = JSONTree(&text) else { return nil }
                JSONTree.skipSpace(&text)
                guard text.popFirst() == ":", let value = JSONTree(&text) else { return nil }
                members.append(Member(key: key, value: value))
                JSONTree.skipSpace(&text)
                guard text.first == "," else { break }
                text.removeFirst()
            }
            guard text.popFirst() == "}" else { return nil }
            self = .object(members)
        case "[":
            text.removeFirst()
            var elements: [JSONTree] = []
            while true {
                JSONTree.skipSpace(&text)
                if text.first == "]" { break }
                guard let element = JSONTree(&text) else { return nil }
                elements.append(element)
                JSONTree.skipSpace(&text)
                guard text.first == "," else { break }
                text.removeFirst()
            }
            guard text.popFirst() == "]" else { return nil }
            self = .array(elements)
        case "\"":
            guard let string = JSONTree.readString(&text) else { return nil }
            self = .string(string)
        default:
            let isScalar: (Unicode.Scalar) -> Bool = {
                $0.properties.isAlphabetic || "0123456789+-.".unicodeScalars.contains($0)
            }
            let scalar = text.prefix(while: isScalar)
            guard !scalar.isEmpty else { return nil }
            text.removeFirst(scalar.count)
            self = .scalar(String(String.UnicodeScalarView(scalar)))
        }
    }

    private static func readString(_ text: inout ArraySlice<Unicode.Scalar>) -> String? {
        text.removeFirst()
        var string = String.UnicodeScalarView()
        while let next = text.popFirst() {
            guard next == "\\" else {
                if next == "\"" { return String(string) }
                string.append(next)
                continue
            }
            switch text.popFirst() {
            case "n": string.append("\n")
            case "r": string.append("\r")
            case "t": string.append("\t")
            case "u":
                guard let code = UInt32(String(String.UnicodeScalarView(text.prefix(4))), radix: 16),
                    let scalar = Unicode.Scalar(code)
                else { return nil }
                text.removeFirst(4)
                string.append(scalar)
            case let other?: string.append(other)
            case nil: return nil
            }
        }
        return nil
    }

    /// The value as JSON, with its members in the order of the tree.
    var description: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\(JSONTree.string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .string(let text): encoded(text)
        case .scalar(let text): text
        }
    }

    subscript(key: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The same value with all members sorted by key.
    var sorted: JSONTree {
        switch self {
        case .object(let members):
            .object(
                members.map { Member(key: $0.key, value: $0.value.sorted) }.sorted { $0.key < $1.key })
        case .array(let elements): .array(elements.map(\.sorted))
        case .string, .scalar: self
        }
    }
}
