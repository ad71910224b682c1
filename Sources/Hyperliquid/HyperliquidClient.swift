package import HyperliquidEngine
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A client of one of the venue's networks: holds the connections, sends each subscription to the right one,
/// brings everything back after any fault, and measures each subscription.
///
/// ```swift
/// try await withHyperliquidClient(network: .mainnet) { client in
///     let trades = try await client.subscribe(to: .trades("BTC"))
///     for try await event in trades { print(event) }
/// }
/// ```
///
/// In a service, make one and call ``run()`` in a task group, or put it in a `ServiceGroup`. All clients of a
/// process share one event loop; everything of a client happens on it, so its calls never wait for a lock.
@safe public actor HyperliquidClient {
    let core: ClientCore
    private var isRunning = false
    private nonisolated let executor: any SerialExecutor
    nonisolated let eventLoop: any EventLoop

    /// The network it talks to.
    public nonisolated let network: HyperliquidNetwork

    /// The client's loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Makes a client; nothing is dialled before ``run()``.
    /// - Throws: ``HyperliquidError``, code `invalidConfiguration`, when a field is out of its range or an address
    ///   of the network is no WebSocket address.
    public init(
        network: HyperliquidNetwork, configuration: ClientConfiguration = ClientConfiguration()
    ) throws(HyperliquidError) {
        if let problem = configuration.problem ?? network.problem {
            throw HyperliquidError(.invalidConfiguration, problem)
        }
        self.init(network: network, configuration: configuration, engine: configuration.engine)
    }

    /// Makes a client whose engine has waits of any length, for tests.
    package init(network: HyperliquidNetwork, configuration: ClientConfiguration, engine: EngineConfiguration) {
        let loop = Self.loops.next()
        self.network = network
        eventLoop = loop
        executor = loop.executor
        core = ClientCore(network: network, configuration: configuration, engine: engine, eventLoop: loop)
    }

    /// One thread for all clients of the process; it lives as long as the process.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    static let loopTaskExecutor = LoopTaskExecutor(eventLoop: loops.next())

    /// Where all clients of the process work, for tasks that read sequences and never block.
    ///
    /// A task that prefers it is woken without a change of threads, which is most of what a wake-up costs; with
    /// hundreds of sequences, each read by a task of its own, that is more than all the rest. As in a callback,
    /// whatever runs there holds up every feed while it runs.
    ///
    /// ```swift
    /// Task(executorPreference: client.taskExecutor) {
    ///     for try await event in subscription { … }
    /// }
    /// ```
    ///
    /// To make hundreds of subscriptions, do it in a function with the client's isolation,
    /// `on client: isolated HyperliquidClient`: no call changes executors, and all are placed and asked for together.
    public nonisolated var taskExecutor: any TaskExecutor { Self.loopTaskExecutor }

    /// Runs until the task is cancelled or the client is shut down.
    func runUntilEnd() async throws(HyperliquidError) {
        guard !core.isFinished else { throw HyperliquidError(.clientEnded, "This client has ended; make a new one.") }
        guard !isRunning else { throw HyperliquidError(.alreadyRunning, "`run()` was called before; call it once.") }
        isRunning = true
        core.submit(.started)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if core.isFinished { return continuation.resume() }
                core.onFinish.append { continuation.resume() }
            }
        } onCancel: {
            perform { $0.core.submit(.drained) }
        }
    }

    /// Ends the client: connections are closed in order, sequences end. Returns when all is closed.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            if core.isFinished { return continuation.resume() }
            core.onFinish.append { continuation.resume() }
            core.submit(.drained)
        }
    }

    /// Does something on the client's loop, soon.
    nonisolated func perform(_ action: @escaping @Sendable (isolated HyperliquidClient) -> Void) {
        eventLoop.execute { self.assumeIsolated { action($0) } }
    }

    // MARK: What is there

    /// One subscription, or nothing when there is none of that id.
    public func subscription(_ id: SubscriptionID) -> SubscriptionInfo? { core.info(id) }

    /// All subscriptions, oldest first.
    public func subscriptions() -> [SubscriptionInfo] {
        core.records.keys.sorted().compactMap { core.info($0) }
    }

    /// A user's subscriptions, oldest first.
    public func subscriptions(ofUser user: Address) -> [SubscriptionInfo] {
        subscriptions().filter { $0.user == user.description }
    }

    /// What one subscription has received.
    /// - Throws: ``HyperliquidError``, code `subscriptionNotFound`.
    public func metrics(of id: SubscriptionID) throws(HyperliquidError) -> SubscriptionMetrics {
        guard let record = core.records[id] else { throw .notFound(id) }
        return record.metrics(atMilliseconds: WallClock.milliseconds)
    }

    /// What every subscription has received, oldest first.
    public func allMetrics() -> [SubscriptionMetrics] {
        core.records.values.sorted { $0.id < $1.id }.map { $0.metrics(atMilliseconds: WallClock.milliseconds) }
    }

    /// The connections, what they carry, and what is used of the venue's limits.
    public func connectionInfo() -> ConnectionInfo { core.connectionInfo }

    /// Shows each message as it came, acknowledgements and errors included, on the client's loop before it is read.
    /// For recording and diagnosis; it costs a copy of every message. It must not block.
    public func onMessage(_ action: @escaping @Sendable ([UInt8]) -> Void) {
        core.rawMessageHandler = { text in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count)
            for index in text.indices { bytes.append(text[index]) }
            action(bytes)
        }
    }
}

extension HyperliquidError {
    static func notFound(_ id: SubscriptionID) -> HyperliquidError {
        HyperliquidError(
            .subscriptionNotFound,
            "No subscription has the id \(id): it was never made, was unsubscribed, or has ended.")
    }
}

/// Makes a client, runs it for the time of `body`, and closes its connections in order.
/// - Throws: ``HyperliquidError`` when the configuration is wrong, and whatever `body` throws.
public func withHyperliquidClient<Result: Sendable>(
    network: HyperliquidNetwork, configuration: ClientConfiguration = ClientConfiguration(),
    body: (HyperliquidClient) async throws -> Result
) async throws -> Result {
    let client = try HyperliquidClient(network: network, configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }
}
