import HyperliquidWire
import Testing

@Suite("Instants") struct InstantTests {
    static let durations: [(Duration, Int64)] = [
        (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.milliseconds(250), 250_000_000),
        (.seconds(9), 9_000_000_000), (.seconds(10), 10_000_000_000), (.seconds(-10), -10_000_000_000),
        (.seconds(3600) + .nanoseconds(7), 3_600_000_000_007),
        (Duration(secondsComponent: 9_223_372_036, attosecondsComponent: 854_775_807_000_000_000), .max),
        (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
        (Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999), -1),
        (.seconds(9_223_372_037), .max), (.seconds(-9_223_372_037), .min), (.seconds(Int64.max), .max),
    ]

    @Test(arguments: durations) func `a duration has whole nanoseconds, clamped at the ends`(
        _ duration: Duration, _ nanoseconds: Int64
    ) {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(Instant.start.advanced(by: duration).nanoseconds == nanoseconds)
    }
}
