internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Whole lines on standard output and standard error, from any thread.
enum Output {
    /// Why standard output takes nothing more.
    enum Fault: Hashable, Sendable {
        /// Its reader has gone, as `head` does: it has what it wanted.
        case readerGone
        /// It cannot be written, for example because the disk is full.
        case failed(code: Int32)
    }

    private static let state = Mutex<Fault?>(nil)

    /// Why standard output takes nothing more, if so.
    static var fault: Fault? { state.withLock { $0 } }

    static func line(_ text: String) {
        bytes(Array(text.utf8))
    }

    /// Writes the bytes and the end of the line with one call, so that no two lines mix.
    static func bytes(_ bytes: [UInt8]) {
        raw(bytes + [0x0a])
    }

    /// Writes the bytes as they are.
    static func raw(_ bytes: [UInt8]) {
        guard fault == nil, let new = write(bytes, to: STDOUT_FILENO) else { return }
        state.withLock { $0 = $0 ?? new }
    }

    static func error(_ text: String) {
        // Where not even this can be written, nobody is there to be told.
        _ = write(Array("hyperliquid: \(text)\n".utf8), to: STDERR_FILENO)
    }

    /// Whether a person sees standard output as it is written.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// How many characters fit in a line of the terminal.
    static var terminalWidth: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Fault? {
        unsafe bytes.withUnsafeBytes { buffer in
            var position = 0
            while position < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position...])
                let count = unsafe put(rest, to: file)
                if count > 0 {
                    position += count
                } else if errno == EAGAIN {
                    waitForPlacement(in: file)
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

    /// Somebody who shares the terminal or pipe has made it non-blocking: waits until it has room.
    private static func waitForPlacement(in file: Int32) {
        var wanted = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&wanted, 1, -1)
    }
}
