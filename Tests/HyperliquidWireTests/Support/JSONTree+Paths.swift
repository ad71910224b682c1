/// Parts of a value by their paths, as faults name them.
extension JSONTree {
    /// The path of each part, in the order in which ``replacing(part:by:)`` counts them.
    var paths: [String] {
        var paths: [String] = []
        visit { path, _ in paths.append(path) }
        return paths
    }

    /// Calls `look` with each part and its path, in reading order.
    func visit(at path: String = "", _ look: (_ path: String, _ part: JSONTree) -> Void) {
        look(path, self)
        switch self {
        case .object(let members):
            for member in members { member.value.visit(at: path.isEmpty ? member.key : path + "." + member.key, look) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { element.visit(at: path + "[\(index)]", look) }
        case .string, .scalar: break
        }
    }

    /// The value without the member at `path`; `nil` if there is none.
    func removing(_ path: String) -> JSONTree? {
        var isFound = false
        let rest = removing(path, at: "", &isFound)
        return isFound ? rest : nil
    }

    private func removing(_ path: String, at position: String, _ isFound: inout Bool) -> JSONTree {
        switch self {
        case .object(let members):
            var kept: [Member] = []
            for member in members {
                let inner = position.isEmpty ? member.key : position + "." + member.key
                if inner == path {
                    isFound = true
                } else {
                    kept.append(Member(key: member.key, value: member.value.removing(path, at: inner, &isFound)))
                }
            }
            return .object(kept)
        case .array(let elements):
            var kept: [JSONTree] = []
            for (index, element) in elements.enumerated() {
                kept.append(element.removing(path, at: position + "[\(index)]", &isFound))
            }
            return .array(kept)
        case .string, .scalar: return self
        }
    }
}
