#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The target, from the environment: the fuzzer uses the program's arguments itself.
private let target: (@Sendable ([UInt8]) -> Void)? = {
    guard let name = unsafe getenv("FUZZ_TARGET") else { return nil }
    switch unsafe String(cString: name) {
    case "reader": return fuzzReader
    case "decoders": return fuzzDecoders
    case "decimal": return fuzzDecimal
    case "frames": return fuzzFrames
    #if HAS_ZLIB
    case "inflater": return fuzzInflater
    #endif
    default: return nil
    }
}()

/// Called by the fuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let target else { violated("FUZZ_TARGET names a target") }
    unsafe target(input(start, count))
    return 0
}
