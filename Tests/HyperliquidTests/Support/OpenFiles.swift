#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The open files of this process.
enum OpenFiles {
    /// The number of open files and sockets, among the first thousand.
    static var count: Int { (Int32(0)..<1024).count { fcntl($0, F_GETFD) != -1 } }
}

/// A port whose connections are never accepted: its queue is full, so that a further dial waits for TCP.
final class UnacceptingPort {
    let number: UInt16
    private let listener: Int32
    private var fillers: [Int32] = []

    init() throws {
        let listener = Self.socket()
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        guard isBound else { throw Unexpected() }
        // The queue takes one connection more than it says; the others wait in vain.
        for _ in 0..<4 {
            let filler = Self.socket()
            _ = fcntl(filler, F_SETFL, O_NONBLOCK)
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(filler, $0, size) }
            }
            fillers.append(filler)
        }
    }

    private static func socket() -> Int32 {
        #if canImport(Glibc)
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #elseif canImport(Musl)
        Musl.socket(AF_INET, Int32(SOCK_STREAM), 0)
        #else
        Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    deinit {
        for file in fillers + [listener] { close(file) }
    }
}
