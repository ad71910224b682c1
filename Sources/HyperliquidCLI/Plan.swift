internal import ArgumentParser

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show which feeds go on which connection, and why.")
    func run() {}
}
