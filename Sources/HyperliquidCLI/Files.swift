#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Reading files and standard input whole, without Foundation: loading it takes longer than all else at start.
enum Files {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The bytes of a file; `-` is standard input.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        if path == "-" { return try readAll(of: STDIN_FILENO, named: "standard input") }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw Failure(description: "The file '\(path)' cannot be read; check its name and that it exists.")
        }
        defer { close(file) }
        return try readAll(of: file, named: "the file '\(path)'")
    }

    private static func readAll(of file: Int32, named name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                // Named apart from the function around it.
                #if canImport(Darwin)
                unsafe Darwin.read(file, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                unsafe Musl.read(file, buffer.baseAddress, buffer.count)
                #else
                unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure(description: "Reading \(name) failed (error \(errno)); is it a file?")
            }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// The lines of a file with their numbers from 1, without those that hold nothing.
    static func lines(_ path: String) throws(Failure) -> [(number: Int, text: String)] {
        let text = String(decoding: try read(path), as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.enumerated().map { ($0.offset + 1, trimmed($0.element)) }.filter { !$0.1.isEmpty }
    }

    private static func trimmed(_ line: Substring) -> String {
        let start = line.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
