/// The system's random numbers.
///
/// The library's own generator has no size, so that all of them have one address, and the thread sanitizer takes two
/// threads that use one each for a race. This one has an address of its own.
package struct SystemRandomness: RandomNumberGenerator {
    private var generator = SystemRandomNumberGenerator()
    private var extent: UInt8 = 0

    package init() {}

    package mutating func next() -> UInt64 { generator.next() }
}
