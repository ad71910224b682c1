/// A feed cannot be asked for as it stands: which parameter is wrong, and what would be right.
///
/// Parameters are checked before anything is sent, because the venue answers some wrong ones by closing the
/// connection for everybody on it.
public struct FeedParameterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The parameter, by the venue's name.
    public let parameter: String
    /// What is wrong with it.
    public let problem: String
    /// What would be right.
    public let remedy: String

    /// Names a wrong parameter.
    public init(parameter: String, problem: String, remedy: String) {
        self.parameter = parameter
        self.problem = problem
        self.remedy = remedy
    }

    /// The problem and the remedy in one sentence.
    public var description: String { "\(parameter): \(problem); \(remedy)" }
}
