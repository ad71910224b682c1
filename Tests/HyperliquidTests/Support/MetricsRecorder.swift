import CoreMetrics
import NIOConcurrencyHelpers

/// The test process's metrics system: keeps each metric's value by its label and dimensions.
final class MetricsRecorder: MetricsFactory {
    /// Installed as the process's metrics system at its first use.
    static let shared: MetricsRecorder = {
        let recorder = MetricsRecorder()
        MetricsSystem.bootstrap(recorder)
        return recorder
    }()

    private let values = NIOLockedValueBox<[String: Int64]>([:])

    func value(_ label: String, _ network: String, _ dimensions: (String, String)...) -> Int64 {
        values.withLockedValue { $0[Self.key(label, [("network", network)] + dimensions)] ?? 0 }
    }

    /// The labels of all metrics so far, with their dimensions.
    var labels: [String] { values.withLockedValue { Array($0.keys) } }

    private static func key(_ label: String, _ dimensions: [(String, String)]) -> String {
        ([label] + dimensions.map { "\($0.0)=\($0.1)" }).joined(separator: " ")
    }

    private func update(_ key: String, _ change: (inout Int64) -> Void) {
        values.withLockedValue { change(&$0[key, default: 0]) }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(recorder: self, key: Self.key(label, dimensions))
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Handler(recorder: self, key: Self.key(label, dimensions))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Handler(recorder: self, key: Self.key(label, dimensions))
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
        let recorder: MetricsRecorder
        let key: String

        init(recorder: MetricsRecorder, key: String) {
            self.recorder = recorder
            self.key = key
        }

        func increment(by amount: Int64) { recorder.update(key) { $0 += amount } }
        func reset() { recorder.update(key) { $0 = 0 } }
        func record(_ value: Int64) { recorder.update(key) { $0 = value } }
        func record(_ value: Double) { recorder.update(key) { $0 = Int64(value) } }
        func recordNanoseconds(_ duration: Int64) { recorder.update(key) { $0 = duration } }
    }
}
