internal import NIOCore

/// Runs tasks on the clients' loop: those that a read has woken, one after the other, once it has been delivered.
///
/// A job handed to the loop itself costs a lock, a closure and a place in its queue; here what is woken in a turn is
/// run at its end, and only what comes from elsewhere takes that way.
final class LoopTaskExecutor: TaskExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isDrainScheduled = false
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
        queue.value.jobs.append(job)
        guard !queue.value.isDrainScheduled else { return }
        queue.value.isDrainScheduled = true
        eventLoop.execute {
            self.queue.value.isDrainScheduled = false
            self.drain()
        }
    }

    /// Runs what waits; what that enqueues waits for the next time, so that the sockets have their turn.
    func drain() {
        guard !queue.value.jobs.isEmpty else { return }
        var jobs: [UnownedJob] = []
        swap(&jobs, &queue.value.jobs)
        for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
