#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Whole lines on standard output and standard error, from any thread.
enum Output {
    static func line(_ text: String) {
        bytes(Array(text.utf8))
    }

    /// Writes the bytes and the end of the line with one call, so that no two lines mix.
    static func bytes(_ bytes: [UInt8]) {
        write(bytes + [0x0a], to: STDOUT_FILENO)
    }

    static func error(_ text: String) {
        write(Array("hyperliquid: \(text)\n".utf8), to: STDERR_FILENO)
    }

    private static func write(_ bytes: [UInt8], to file: Int32) {
        unsafe bytes.withUnsafeBytes { buffer in
            var position = 0
            while position < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position...])
                #if canImport(Darwin)
                let count = unsafe Darwin.write(file, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                let count = unsafe Musl.write(file, rest.baseAddress, rest.count)
                #else
                let count = unsafe Glibc.write(file, rest.baseAddress, rest.count)
                #endif
                // The reader has gone: there is nobody to tell.
                guard count > 0 else { return }
                position += count
            }
        }
    }
}
