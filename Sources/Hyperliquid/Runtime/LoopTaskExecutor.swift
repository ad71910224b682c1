package import NIOCore

/// Runs tasks on the clients' loop: the tasks that a turn has woken, one after the other, at the end of the turn.
///
/// A job given to the loop itself costs a lock, a closure and an entry in its queue. With this executor, only
/// jobs from other threads and the first job outside of a turn have that cost.
package final class LoopTaskExecutor: TaskExecutor {
    private struct Queue {
        private var jobs: [UnownedJob] = []
        /// An emptied array, whose storage is reused.
        private var spare: [UnownedJob] = []
        private var isDrainScheduled = false

        /// Adds a job.
        /// - Returns: Whether the caller has to schedule a drain.
        mutating func add(_ job: UnownedJob) -> Bool {
            jobs.append(job)
            defer { isDrainScheduled = true }
            return !isDrainScheduled
        }

        mutating func takeAll() -> [UnownedJob] {
            var taken: [UnownedJob] = []
            guard !jobs.isEmpty else { return taken }
            swap(&taken, &spare)
            swap(&taken, &jobs)
            return taken
        }

        mutating func recycle(_ emptied: consuming [UnownedJob]) {
            emptied.removeAll(keepingCapacity: true)
            spare = emptied
        }

        mutating func scheduledDrainBegins() { isDrainScheduled = false }
    }

    private let eventLoop: any EventLoop
    private let queue: NIOLoopBoundBox<Queue>

    /// Makes an executor of tasks on `eventLoop`.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        queue = .makeBoxSendingValue(Queue(), eventLoop: eventLoop)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.add(job) } }
        add(job)
    }

    private func add(_ job: UnownedJob) {
        guard queue.value.add(job) else { return }
        eventLoop.execute {
            self.queue.value.scheduledDrainBegins()
            self.drain()
        }
    }

    /// Runs the waiting jobs. Jobs that these enqueue wait for the next drain, so that sockets are served first.
    func drain() {
        let jobs = queue.value.takeAll()
        guard !jobs.isEmpty else { return }
        let executor = unsafe asUnownedTaskExecutor()
        for job in jobs { unsafe job.runSynchronously(on: executor) }
        queue.value.recycle(jobs)
    }
}
