internal import NIOCore

/// Runs tasks on the clients' loop: those that a read has woken, one after the other, once it has been delivered.
///
/// A job handed to the loop itself costs a lock, a closure and a place in its queue; here what is woken in a turn is
/// run at its end, and only what comes from elsewhere takes that way.
final class LoopTaskExecutor: TaskExecutor {
    private struct Queue {
        private var jobs: [UnownedJob] = []
        /// An emptied array, for its room.
        private var spare: [UnownedJob] = []
        private var isDrainScheduled = false

        /// Adds a job; whether the loop has to be asked to run it.
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

        mutating func giveBack(_ emptied: consuming [UnownedJob]) {
            emptied.removeAll(keepingCapacity: true)
            spare = emptied
        }

        mutating func scheduledDrainBegins() { isDrainScheduled = false }
    }

    private let eventLoop: any EventLoop
    private let queue: NIOLoopBoundBox<Queue>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        queue = .makeBoxSendingValue(Queue(), eventLoop: eventLoop)
    }

    func enqueue(_ job: consuming ExecutorJob) {
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

    /// Runs what waits; what that enqueues waits for the next time, so that the sockets have their turn.
    func drain() {
        let jobs = queue.value.takeAll()
        guard !jobs.isEmpty else { return }
        let executor = unsafe asUnownedTaskExecutor()
        for job in jobs { unsafe job.runSynchronously(on: executor) }
        queue.value.giveBack(jobs)
    }
}
