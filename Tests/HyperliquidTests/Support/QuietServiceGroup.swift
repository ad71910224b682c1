#if ServiceLifecycle
import Logging
import ServiceLifecycle

extension ServiceGroup {
    /// A group that logs nothing.
    init(quiet services: [any Service]) {
        self.init(services: services, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
#endif
