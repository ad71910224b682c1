#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Reads whole files and standard input, and writes files of the cache. It does without Foundation, because loading that
/// takes longer than everything else at start.
enum Files {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The bytes of a file, or of standard input for the path `-`.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        if path == "-" { return try readAll(of: STDIN_FILENO, named: "standard input") }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw Failure(description: "Cannot open the file '\(path)'; check that it exists and is readable.")
        }
        defer { close(file) }
        return try readAll(of: file, named: "the file '\(path)'")
    }

    private static func readAll(of file: Int32, named name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                // Qualified, because this type has a `read` of its own.
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
                throw Failure(description: "Cannot read \(name) (error \(errno)); check that it is a file.")
            }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// `$XDG_CACHE_HOME/hyperliquid`, or `~/.cache/hyperliquid`; `nil` if neither is known.
    static var cacheFolder: String? {
        if let cache = environment("XDG_CACHE_HOME") { return cache + "/hyperliquid" }
        return environment("HOME").map { $0 + "/.cache/hyperliquid" }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
        return unsafe String(cString: value)
    }

    /// Writes a file of the cache anew, so that a reader sees all of it or the old one. Does nothing if that is not
    /// possible.
    static func cache(_ bytes: [UInt8], as name: String) {
        guard let cacheFolder else { return }
        let parent = cacheFolder.split(separator: "/").dropLast().joined(separator: "/")
        _ = unsafe mkdir("/" + parent, 0o755)
        _ = unsafe mkdir(cacheFolder, 0o755)
        let path = "\(cacheFolder)/\(name)"
        let draft = "\(path).\(getpid())"
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        let isWritten = Output.write(bytes, to: file) == nil
        close(file)
        let isReplaced = unsafe isWritten && rename(draft, path) == 0
        if !isReplaced { _ = unsafe unlink(draft) }
    }

    /// The lines of a file that are not empty, trimmed, with their numbers counted from 1.
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
