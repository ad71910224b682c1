internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Writes whole lines to standard output and standard error, from any thread.
enum Output {
    /// The reason why standard output cannot be written any more.
    enum Failure: Hashable, Sendable {
        /// The reader has closed the pipe, as `head` does once it has enough.
        case readerGone
        /// A write failed, for example because the disk is full.
        case failed(code: Int32)
    }

    private static let state = Mutex<Failure?>(nil)

    /// The reason why standard output cannot be written any more; `nil` if it can be.
    static var failure: Failure? { state.withLock { $0 } }

    static func line(_ text: String) {
        bytes(Array(text.utf8))
    }

    /// Writes the bytes and the end of the line in one call, so that lines of two threads do not mix.
    static func bytes(_ bytes: [UInt8]) {
        raw(bytes + [0x0a])
    }

    /// Writes the bytes as they are.
    static func raw(_ bytes: [UInt8]) {
        guard failure == nil, let new = write(bytes, to: STDOUT_FILENO) else { return }
        state.withLock { $0 = $0 ?? new }
    }

    /// Writes a line to standard error, after the program's name.
    static func error(_ text: String) {
        // If this fails too, there is no way left to report anything.
        _ = write(Array("hyperliquid: \(text)\n".utf8), to: STDERR_FILENO)
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal in characters; 80 if it is not known.
    static var terminalWidth: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes all bytes to a file.
    static func write(_ bytes: [UInt8], to file: Int32) -> Failure? {
        unsafe bytes.withUnsafeBytes { buffer in
            var position = 0
            while position < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position...])
                let count = unsafe put(rest, to: file)
                if count > 0 {
                    position += count
                } else if errno == EAGAIN {
                    waitUntilWritable(file)
                } else if errno == EPIPE {
                    return .readerGone
                } else if errno != EINTR {
                    return .failed(code: errno)
                }
            }
            return nil
        }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int {
        #if canImport(Darwin)
        unsafe Darwin.write(file, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        unsafe Musl.write(file, bytes.baseAddress, bytes.count)
        #else
        unsafe Glibc.write(file, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Waits until a terminal or pipe can be written: another program that shares it may have made it non-blocking.
    private static func waitUntilWritable(_ file: Int32) {
        var wanted = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&wanted, 1, -1)
    }
}
