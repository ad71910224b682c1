#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The part of an exhaustive test that is run: each `step`th case, every one unless `HYPERLIQUID_THIN` is set.
///
/// To a sanitizer the cases of one test look the same, and each takes ten times as long.
enum Thinning {
    static let step: Int = {
        guard let text = unsafe getenv("HYPERLIQUID_THIN"), let number = Int(unsafe String(cString: text)) else {
            return 1
        }
        return max(number, 1)
    }()
}
