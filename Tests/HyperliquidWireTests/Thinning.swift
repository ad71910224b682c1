#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much of an exhaustive test is run: each `step`th case, 1 unless `HYPERLIQUID_THIN` says otherwise.
///
/// Under a sanitizer the cases of one test differ in nothing it can see, and cost ten times as much.
enum Thinning {
    static let step: Int = {
        guard let text = unsafe getenv("HYPERLIQUID_THIN"), let number = Int(unsafe String(cString: text)) else {
            return 1
        }
        return max(number, 1)
    }()
}
