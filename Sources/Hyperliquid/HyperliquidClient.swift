package import HyperliquidEngine
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import WebSocketTransport

/// A client of one of the venue's networks.
///
/// It holds the connections, places each subscription on one of them, restores everything after a fault, and measures each
/// subscription.
///
/// ```swift
/// try await withHyperliquidClient(network: .mainnet) { client in
///     let trades = try await client.subscribe(to: .trades("BTC"))
///     for try await event in trades { print(event) }
/// }
/// ```
///
/// In a service, make a client and call ``run()`` in a task group, or add it to a `ServiceGroup`. Subscriptions made
/// before ``run()`` wait for it, until their timeout. Calling ``run()`` a second time throws; after its end, make a new
/// client.
///
/// All clients of a process share one event loop, and a client's state is only touched on that loop. Clients whose
/// networks have the same two addresses also share the limits, ``ClientConfiguration/limits``.
@safe public actor HyperliquidClient {
    let runtime: ClientRuntime
    /// Whether the client runs, or is about to.
    private(set) var isRunning = false
    private var hasStarted = false
    /// The venue's listings, as far as they are known.
    var listings: ListingState
    /// The question about the listings whose answer callers wait for.
    var asking: Asking?
    /// The groups that follow the listings.
    var followers: [any ListingFollower] = []
    /// Whether a group misses a coin in the last answer, so that the next one should come soon.
    var needsConfirmation = false
    /// Changes when there is a question or a new group, or when the listings are to be looked at.
    nonisolated let listingNews = LiveValue<Void>(())
    private var rawMessageToken: RawMessageToken?
    private var lastRawMessageToken: UInt64 = 0
    private nonisolated let executor: any SerialExecutor
    nonisolated let eventLoop: any EventLoop
    /// Whether the client was shut down as a service of a group: its readers may then have to wait for their turn.
    nonisolated let endsWithService = Atomic(false)

    /// The network that the client talks to.
    public nonisolated let network: HyperliquidNetwork

    /// The client's event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Makes a client. Nothing is dialled before ``run()``.
    /// - Throws: ``HyperliquidError``, code `invalidConfiguration`, if a field is out of its range, if a file of the
    ///   configuration cannot be read, if an address of the network is not a WebSocket address, or if the limits differ
    ///   from those of the first client of the same network in this process.
    public init(
        network: HyperliquidNetwork, configuration: ClientConfiguration = ClientConfiguration()
    ) throws(HyperliquidError) {
        if let problem = configuration.problem ?? network.problem {
            throw HyperliquidError(code: .invalidConfiguration, message: problem)
        }
        try self.init(network: network, configuration: configuration, engine: configuration.engine)
    }

    /// Makes a client with any configuration of the engine, for tests. The limits are those of the engine's
    /// configuration.
    package init(
        network: HyperliquidNetwork, configuration: ClientConfiguration, engine: EngineConfiguration,
        listings: ListingState = ListingState()
    ) throws(HyperliquidError) {
        let loop = Self.loops.next()
        let rateLimiter = try SharedRateLimiter.of(network, limits: engine.limits, eventLoop: loop)
        self.network = network
        self.listings = listings
        eventLoop = loop
        executor = loop.executor
        runtime = ClientRuntime(
            network: network, configuration: configuration, engine: engine, rateLimiter: rateLimiter, eventLoop: loop,
            taskExecutor: Self.loopTaskExecutor)
    }

    /// One thread for all clients of the process; it lives as long as the process.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private static let loopTaskExecutor = LoopTaskExecutor(eventLoop: loops.next())

    /// The executor of all clients of the process, for tasks that read sequences and never block.
    ///
    /// A task that prefers this executor is woken without a change of threads. That change is most of the cost of a
    /// wake-up; with hundreds of sequences and a task for each, it exceeds all other costs. As in a callback, nothing
    /// else is received while such a task runs.
    ///
    /// ```swift
    /// Task(executorPreference: client.taskExecutor) {
    ///     for try await event in subscription { print(event) }
    /// }
    /// ```
    ///
    /// To make hundreds of subscriptions, do it in a function with the client's isolation, `on client: isolated
    /// HyperliquidClient`, and pass `until: .registered`: then no call changes executors, and all of them are placed
    /// together.
    public nonisolated var taskExecutor: any TaskExecutor { Self.loopTaskExecutor }

    // MARK: Running

    /// Notes that `run()` has been called in another task.
    fileprivate func willRun() { isRunning = true }

    /// Runs until the task is cancelled or the client is shut down.
    func runUntilEnd() async throws(HyperliquidError) {
        guard !runtime.isFinished else {
            throw HyperliquidError(code: .clientEnded, message: "This client has ended; make a new one.")
        }
        guard !hasStarted else {
            throw HyperliquidError(code: .alreadyRunning, message: "`run()` was called before; call it once.")
        }
        (isRunning, hasStarted) = (true, true)
        runtime.submit(.started)
        await withTaskGroup { group in
            group.addTask { await self.askListings() }
            group.addTask { await self.followListings() }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    runtime.whenFinished { continuation.resume() }
                }
            } onCancel: {
                perform { $0.runtime.submit(.drained) }
            }
            group.cancelAll()
        }
    }

    /// Ends the client: closes its connections in order and ends its sequences. Returns when everything is closed.
    ///
    /// It may be called any number of times, also before ``run()``. Cancelling the calling task does not stop it.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            runtime.whenFinished { continuation.resume() }
            if !runtime.isFinished { runtime.submit(.drained) }
        }
    }

    /// Schedules an action on the client's loop.
    nonisolated func perform(_ action: @escaping @Sendable (isolated HyperliquidClient) -> Void) {
        eventLoop.execute { self.assumeIsolated { action($0) } }
    }

    // MARK: Subscriptions and connections

    /// The state of one subscription; `nil` if there is none with this id, or if it has ended.
    public func subscription(_ id: SubscriptionID) -> SubscriptionInfo? {
        runtime.subscriber(id).flatMap { runtime.info(of: [$0]).first }
    }

    /// The states of all subscriptions, oldest first.
    public func subscriptions() -> [SubscriptionInfo] { runtime.info(of: runtime.allSubscribers) }

    /// The states of a user's subscriptions, oldest first.
    public func subscriptions(ofUser user: Address) -> [SubscriptionInfo] {
        runtime.info(of: runtime.allSubscribers.filter { $0.request.user == user.description })
    }

    /// The counts and times of one subscription's messages.
    /// - Throws: ``HyperliquidError``, code `subscriptionNotFound`, if there is none with this id, or if it has ended.
    public func metrics(of id: SubscriptionID) throws(HyperliquidError) -> SubscriptionMetrics {
        guard let subscriber = runtime.subscriber(id) else { throw .notFound(id) }
        return runtime.info.metrics(of: subscriber)
    }

    /// The counts and times of every subscription's messages, oldest subscription first.
    public func allMetrics() -> [SubscriptionMetrics] {
        let info = runtime.info
        return runtime.allSubscribers.map { info.metrics(of: $0) }
    }

    /// The connections, the feeds on them, and the usage of the venue's limits.
    public func connectionInfo() -> ConnectionInfo { runtime.connectionInfo }

    // MARK: Raw messages

    /// Sets the handler of raw messages, for recording and diagnosis. It costs a copy of every message.
    /// - Parameter handler: Called on the client's loop with each message as it came, acknowledgements and errors
    ///   included, before the message is parsed. It must not block: nothing else is received while it runs.
    /// - Returns: A token that removes the handler, by ``removeRawMessageHandler(_:)``.
    /// - Throws: ``HyperliquidError``, code `alreadyObserved`, if the client has a handler already.
    @discardableResult
    public func onRawMessage(_ handler: @escaping @Sendable ([UInt8]) -> Void) throws(HyperliquidError)
        -> RawMessageToken
    {
        guard rawMessageToken == nil else {
            throw HyperliquidError(
                code: .alreadyObserved,
                message: "This client's raw messages already have a handler; remove that one first.")
        }
        lastRawMessageToken += 1
        let token = RawMessageToken(rawValue: lastRawMessageToken)
        rawMessageToken = token
        runtime.rawMessageHandler = { text in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count)
            for index in text.indices { bytes.append(text[index]) }
            handler(bytes)
        }
        return token
    }

    /// Removes the handler of raw messages. Does nothing if it was removed before.
    /// - Parameter token: The token that ``onRawMessage(_:)`` of this client returned.
    public func removeRawMessageHandler(_ token: RawMessageToken) {
        guard rawMessageToken == token else { return }
        rawMessageToken = nil
        runtime.rawMessageHandler = nil
    }
}

/// A token with which a client's handler of raw messages is removed. ``HyperliquidClient/onRawMessage(_:)`` returns it.
public struct RawMessageToken: Hashable, Sendable {
    fileprivate let rawValue: UInt64
}

/// Makes a client, runs it for the duration of `body`, and closes its connections in order.
///
/// When `body` returns or throws, the client is shut down, and this function returns or throws when everything is closed.
/// Cancelling the task ends the client, and with it every sequence that `body` reads.
/// - Throws: ``HyperliquidError``, code `invalidConfiguration`, as ``HyperliquidClient/init(network:configuration:)``
///   does, and any error of `body`.
public func withHyperliquidClient<Result: Sendable>(
    network: HyperliquidNetwork, configuration: ClientConfiguration = ClientConfiguration(),
    body: (HyperliquidClient) async throws -> Result
) async throws -> Result {
    let client = try HyperliquidClient(network: network, configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        await client.willRun()
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
