import Testing
import WebSocketTransport

@Suite("Turn scheduler") struct TurnSchedulerTests {
    // MARK: Cases

    /// A call, and what it is to answer.
    enum Call: Hashable, Sendable {
        case beginRead
        case endRead(TurnScheduler.Next)
        case submitFact(TurnScheduler.Submission)
        case tookIn(isNews: Bool)
        case endTakingIn(mayWait: Bool, TurnScheduler.Next)
        case beginStep
        case beginAdvance(Bool)
        case endStep
        case scheduledStepFired(TurnScheduler.Next)

        static let news: [Call] = [.submitFact(.takeIn), .tookIn(isNews: true)]
        static let noNews: [Call] = [.submitFact(.takeIn), .tookIn(isNews: false)]
        static let step: [Call] = [.beginStep, .beginAdvance(true), .beginAdvance(false), .endStep]
        static let idleStep: [Call] = [.beginStep, .beginAdvance(false), .endStep]
    }

    static let cases: [(name: String, calls: [Call])] = [
        ("a fact outside of a read is acted on at once", Call.news + [.endTakingIn(mayWait: false, .step)] + Call.step),
        (
            "a fact that is no news needs a step for the deadline, and no advance",
            Call.noNews + [.endTakingIn(mayWait: false, .step)] + Call.idleStep
        ),
        (
            "the facts of a read are acted on together at its end",
            [.beginRead] + Call.news + [.endTakingIn(mayWait: false, .none)] + Call.noNews
                + [.endTakingIn(mayWait: false, .none), .endRead(.step)] + Call.step + [.endRead(.none)]
        ),
        (
            "a fact of a read does not schedule a step, though it may wait",
            [.beginRead] + Call.news + [.endTakingIn(mayWait: true, .none), .endRead(.step)] + Call.step
                + [.endRead(.none), .scheduledStepFired(.none)]
        ),
        ("a read without facts is over at once", [.beginRead, .beginRead, .endRead(.none)]),
        (
            "a fact that may wait schedules a step, and the next one waits for the same step",
            Call.news + [.endTakingIn(mayWait: true, .scheduleStep)] + Call.news
                + [.endTakingIn(mayWait: true, .none), .scheduledStepFired(.step)] + Call.step
        ),
        (
            "a fact that may wait and is no news needs no wait",
            Call.noNews + [.endTakingIn(mayWait: true, .step)] + Call.idleStep
        ),
        (
            "a step that comes earlier leaves nothing to the scheduled one",
            Call.news + [.endTakingIn(mayWait: true, .scheduleStep)] + Call.noNews
                + [.endTakingIn(mayWait: false, .step)] + Call.step + [.scheduledStepFired(.none)]
        ),
        (
            "a step is scheduled again once the first one has fired",
            Call.news + [.endTakingIn(mayWait: true, .scheduleStep), .scheduledStepFired(.step)] + Call.step
                + Call.news + [.endTakingIn(mayWait: true, .scheduleStep)]
        ),
        (
            "a fact reported while another one is taken in is queued",
            [.submitFact(.takeIn), .submitFact(.queue), .tookIn(isNews: true), .tookIn(isNews: false)]
                + [.endTakingIn(mayWait: false, .step)] + Call.step
        ),
        (
            "news reported by the effects of an advance are acted on in the same step",
            Call.news + [.endTakingIn(mayWait: false, .step), .beginStep, .beginAdvance(true), .submitFact(.queue)]
                + [.tookIn(isNews: true), .beginAdvance(true), .beginAdvance(false), .endStep]
        ),
        (
            "facts that the flush at the end of a read reports are acted on before the read is over",
            [.beginRead] + Call.news + [.endTakingIn(mayWait: false, .none), .endRead(.step)] + Call.step + Call.news
                + [.endTakingIn(mayWait: false, .none), .endRead(.step)] + Call.step + [.endRead(.none)]
        ),
        (
            "a read that ends within the machine's work is over, and the work does what is due",
            [.beginRead, .submitFact(.takeIn), .beginRead, .submitFact(.queue), .endRead(.none), .tookIn(isNews: true)]
                + [.endTakingIn(mayWait: false, .step)] + Call.step
        ),
    ]

    @Test(arguments: cases.indices) func `a sequence of facts gets the right answers`(index: Int) {
        let (name, calls) = Self.cases[index]
        var scheduler = TurnScheduler()
        for (position, call) in calls.enumerated() {
            let answer = scheduler.perform(call)
            #expect(answer == call, "\(name): call \(position)")
        }
    }

    // MARK: Every fact in every state

    /// The rules once more, as the flags that a shell without the scheduler would keep.
    struct Flags: Hashable {
        var isReading = false
        var isTakingIn = false
        var isStepping = false
        var isStepDue = false
        var isAdvanceDue = false
        var isStepScheduled = false

        /// The calls that a shell may make now.
        var calls: [Call] {
            // What a call is to answer is not known here: the answers are compared afterwards.
            var calls: [Call] = [
                .beginRead, .endRead(.none), .submitFact(.takeIn), .scheduledStepFired(.none),
            ]
            if isTakingIn || isStepping { calls += [.tookIn(isNews: false), .tookIn(isNews: true)] }
            if isTakingIn { calls += [.endTakingIn(mayWait: false, .none), .endTakingIn(mayWait: true, .none)] }
            if isStepping { calls += [.beginAdvance(false), .endStep] }
            if !isTakingIn, !isStepping { calls.append(.beginStep) }
            return calls
        }

        mutating func perform(_ call: Call) -> Call {
            let isWorking = isTakingIn || isStepping
            switch call {
            case .beginRead:
                isReading = true
                return call
            case .endRead:
                if isStepDue, !isWorking { return .endRead(.step) }
                isReading = false
                return .endRead(.none)
            case .submitFact:
                if !isWorking { isTakingIn = true }
                return .submitFact(isWorking ? .queue : .takeIn)
            case .tookIn(let isNews):
                isStepDue = true
                if isNews { isAdvanceDue = true }
                return call
            case .endTakingIn(let mayWait, _):
                isTakingIn = false
                if isReading { return .endTakingIn(mayWait: mayWait, .none) }
                if !mayWait || !isAdvanceDue { return .endTakingIn(mayWait: mayWait, .step) }
                defer { isStepScheduled = true }
                return .endTakingIn(mayWait: mayWait, isStepScheduled ? .none : .scheduleStep)
            case .beginStep:
                isStepping = true
                return call
            case .beginAdvance:
                defer { isAdvanceDue = false }
                return .beginAdvance(isAdvanceDue)
            case .endStep:
                (isStepping, isStepDue, isAdvanceDue) = (false, false, false)
                return call
            case .scheduledStepFired:
                isStepScheduled = false
                return .scheduledStepFired(isAdvanceDue && !isWorking ? .step : .none)
            }
        }
    }

    /// Both sides after the same calls.
    struct Pair: Hashable {
        var scheduler = TurnScheduler()
        var flags = Flags()
    }

    /// Every pair that any calls lead to.
    static let reachable: [Pair] = {
        var found: Set<Pair> = [Pair()]
        var order = [Pair()]
        var position = 0
        while position < order.count {
            for call in order[position].flags.calls {
                var next = order[position]
                _ = (next.scheduler.perform(call), next.flags.perform(call))
                if found.insert(next).inserted { order.append(next) }
            }
            position += 1
        }
        return order
    }()

    @Test func `every fact in every state gets the answer of the flags`() {
        // Two of reads, three of work, three of debt, two of a scheduled step.
        #expect(Self.reachable.count == 36)
        #expect(Set(Self.reachable.map(\.scheduler)).count == 36)
        for pair in Self.reachable {
            #expect(pair.scheduler.isReading == pair.flags.isReading)
            #expect(pair.scheduler.isWorking == (pair.flags.isTakingIn || pair.flags.isStepping))
            #expect(pair.scheduler.isStepDue == (pair.flags.isStepDue && !pair.scheduler.isWorking))
            for call in pair.flags.calls {
                var next = pair
                let answer = next.scheduler.perform(call)
                #expect(answer == next.flags.perform(call), "\(call) in \(pair.flags)")
            }
        }
    }

    @Test func `from every state a shell that follows the answers comes to rest with nothing due`() {
        for pair in Self.reachable {
            var scheduler = pair.scheduler
            if pair.flags.isStepping { scheduler.finishStep() }
            if pair.flags.isTakingIn, scheduler.endTakingIn() == .step { scheduler.step() }
            if scheduler.scheduledStepFired() == .step { scheduler.step() }
            var count = 0
            while scheduler.endRead() == .step {
                scheduler.step()
                count += 1
            }
            #expect(scheduler == TurnScheduler(), "\(pair.flags)")
            #expect(count <= 1)
        }
    }
}

extension TurnScheduler {
    /// Makes a call, and says what it answered.
    fileprivate mutating func perform(_ call: TurnSchedulerTests.Call) -> TurnSchedulerTests.Call {
        switch call {
        case .beginRead: beginRead()
        case .endRead: return .endRead(endRead())
        case .submitFact: return .submitFact(submitFact())
        case .tookIn(let isNews): tookIn(isNews: isNews)
        case .endTakingIn(let mayWait, _): return .endTakingIn(mayWait: mayWait, endTakingIn(mayWait: mayWait))
        case .beginStep: beginStep()
        case .beginAdvance: return .beginAdvance(beginAdvance())
        case .endStep: endStep()
        case .scheduledStepFired: return .scheduledStepFired(scheduledStepFired())
        }
        return call
    }

    fileprivate mutating func step() {
        beginStep()
        finishStep()
    }

    fileprivate mutating func finishStep() {
        while beginAdvance() {}
        endStep()
    }
}
