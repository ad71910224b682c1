/// Parameters of a feed with the venue's names, as given on a command line or in a JSON object.
public struct FeedParameters: Sendable {
    private let type: String
    private var values: [String: FeedRequest.Value] = [:]

    /// Creates parameters; `null` counts as not given.
    /// - Throws: ``FeedParameterError`` if the type has no parameter of a given name, or a required one is missing.
    public init(
        type: String, known: [FeedDescriptor.Parameter], _ given: [(String, FeedRequest.Value)]
    ) throws(FeedParameterError) {
        self.type = type
        for (name, value) in given {
            guard known.contains(where: { $0.name == name }) else {
                let names = known.map(\.name)
                let nearest = NearestName.find(for: name, among: names).map { "did you mean '\($0)'? it" } ?? "it"
                throw FeedParameterError(
                    parameter: name, problem: "\(type) has no such parameter",
                    remedy: known.isEmpty ? "leave it out" : "\(nearest) takes \(names.joined(separator: ", "))")
            }
            if value != .null { values[name] = value }
        }
        for parameter in known where parameter.isRequired && values[parameter.name] == nil {
            throw FeedParameterError(
                parameter: parameter.name, problem: "\(type) needs it", remedy: "give the \(parameter.summary)")
        }
    }

    private func mismatch(_ name: String, _ expected: String) -> FeedParameterError {
        FeedParameterError(parameter: name, problem: "\(type) takes \(expected) here", remedy: "write \(expected)")
    }

    /// The value of a text parameter; empty if it was not given.
    public func text(_ name: String) throws(FeedParameterError) -> String {
        switch values[name] {
        case .string(let text): return text
        case nil: return ""
        case .integer(let number): return String(number)
        case .boolean, .null: throw mismatch(name, "a text")
        }
    }

    /// The parameter `coin`.
    public func coin() throws(FeedParameterError) -> Coin { Coin(try text("coin")) }

    /// The parameter `user`.
    public func user() throws(FeedParameterError) -> Address { try Address(try text("user")) }

    /// The value of an integer parameter, which may be written as text; `nil` if it was not given.
    public func integer(_ name: String) throws(FeedParameterError) -> Int? {
        switch values[name] {
        case .integer(let number): return Int(number)
        case .string(let text):
            guard let number = Int(text) else { throw mismatch(name, "an integer") }
            return number
        case nil: return nil
        case .boolean, .null: throw mismatch(name, "an integer")
        }
    }

    /// The value of a Boolean parameter, which may be written as text; `false` if it was not given.
    public func flag(_ name: String) throws(FeedParameterError) -> Bool {
        switch values[name] {
        case .boolean(let flag): return flag
        case .string("true"): return true
        case .string("false"), nil: return false
        case .string, .integer, .null: throw mismatch(name, "true or false")
        }
    }
}

/// A feed cannot be subscribed to as given: names the wrong parameter, the problem and the remedy.
///
/// Parameters are checked before anything is sent, because the venue reacts to some wrong ones by closing the
/// connection for everybody on it.
public struct FeedParameterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The venue's name of the parameter.
    public let parameter: String
    /// The problem, for the reader of an error message.
    public let problem: String
    /// The remedy, for the reader of an error message.
    public let remedy: String

    /// Creates an error.
    public init(parameter: String, problem: String, remedy: String) {
        self.parameter = parameter
        self.problem = problem
        self.remedy = remedy
    }

    /// The problem and the remedy in one sentence.
    public var description: String { "\(parameter): \(problem); \(remedy)" }
}

/// The rules for the names of dexes.
enum Dex {
    /// Checks a name: empty for the main dex, or the short name of a builder dex.
    static func validate(_ name: String) throws(FeedParameterError) {
        let isPlain = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ":")
        }
        guard name.utf8.count <= 32, isPlain else {
            throw FeedParameterError(
                parameter: "dex", problem: "'\(name)' is no dex name",
                remedy: "use the bare name, for example xyz, or leave it out for the main dex")
        }
    }
}
