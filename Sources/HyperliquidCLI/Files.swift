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
}
