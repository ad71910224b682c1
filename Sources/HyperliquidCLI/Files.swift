internal import Foundation

/// Reading files and standard input whole.
enum Files {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The bytes of a file; `-` is standard input.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "The file '\(path)' cannot be read; check its name and that it exists.")
        }
        return Array(data)
    }

    /// The lines of a file with their numbers from 1, without those that hold nothing.
    static func lines(_ path: String) throws(Failure) -> [(number: Int, text: String)] {
        let text = String(decoding: try read(path), as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.enumerated().map { ($0.offset + 1, $0.element.trimmingCharacters(in: .whitespaces)) }
            .filter { !$0.1.isEmpty }
    }
}
