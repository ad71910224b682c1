/// The order of work in a shell: when its state machine takes facts in, and when it acts on them.
///
/// A shell owns a state machine and performs its effects. Three rules make its turns hard to write by hand. One fact is
/// taken in at a time: facts that are reported while an effect is performed are queued. The machine acts (it
/// *advances*) once for all facts of one read of a socket, not once per message. Facts outside of a read are acted on
/// at once, unless they may wait for others. This type holds those rules as a value: the shell reports each event, and
/// the answer says what to do next. The type knows no clock, no event loop and no fact, so the client, the simulated
/// exchange and the simulated world share it.
///
/// ```
/// submit a fact                a step                          the end of a read
///   submitFact()  -> .takeIn     beginStep()                     while isStepDue { a step }
///   (take it in, perform)        while beginAdvance() {          (flush what the read delivered)
///   tookIn(isNews:)                (advance, perform)            endRead() -> .step: flushing brought facts: again
///   (the queued facts likewise)    (take in the queued facts)              -> .none: the turn is over
///   endTakingIn(mayWait:)        }
///     -> .step, .scheduleStep    endStep()
///     -> .none: a read or a scheduled step will act
/// ```
///
/// It is part of this target because a turn is made of reads of a socket, and all its users import this target.
package struct TurnScheduler: Hashable, Sendable {
    /// What to do with a new fact.
    package enum Submission: Hashable, Sendable {
        /// Take it in now, and perform its effects.
        case takeIn
        /// Queue it: the machine is at work.
        case queue
    }

    /// What to do next.
    package enum Next: Hashable, Sendable {
        /// Nothing: what is due is done by the end of the read, or by a step that is scheduled or under way.
        case none
        /// Step now.
        case step
        /// Schedule a step, and report it by ``scheduledStepFired()``.
        case scheduleStep
    }

    private enum Activity: Hashable, Sendable {
        /// The machine is at rest. Can move to `takingIn` and `stepping`.
        case none
        /// The machine takes in a fact, or the effects of a fact are performed. Can move to `none`.
        case takingIn
        /// The machine acts on its facts, or the effects of that are performed. Can move to `none`.
        case stepping
    }

    private enum Debt: Hashable, Sendable {
        /// No fact was taken in since the last step.
        case none
        /// Facts were taken in, but none of them allows the machine to do more: only its deadline may have moved.
        case deadline
        /// The machine may do more than it has done.
        case advance
    }

    /// Whether facts are gathered until the end of a read.
    package private(set) var isReading = false
    private var activity = Activity.none
    private var debt = Debt.none
    private var isStepScheduled = false

    /// Makes a scheduler for a machine at rest: no read is under way and nothing is due.
    package init() {}

    /// Whether the machine takes in facts or acts on them now.
    package var isWorking: Bool { activity != .none }

    /// Whether a step can begin and would do something.
    package var isStepDue: Bool { debt != .none && activity == .none }

    // MARK: Reads

    /// Notes that a read began. A shell that does not know where reads begin calls this with each message.
    package mutating func beginRead() { isReading = true }

    /// Notes that everything that the read brought has been delivered.
    ///
    /// - Returns: `.step` while facts are due; the read goes on then, and its end is to be reported again. `.none` once
    ///   the read is over. A read that ends while the machine is at work is over at once, and that work does what is
    ///   due.
    package mutating func endRead() -> Next {
        if isStepDue { return .step }
        isReading = false
        return .none
    }

    // MARK: Facts

    /// Decides what to do with a new fact.
    package mutating func submitFact() -> Submission {
        guard activity == .none else { return .queue }
        activity = .takingIn
        return .takeIn
    }

    /// Notes that a fact was taken in.
    /// - Parameter isNews: Whether the machine may now do more than it has done.
    package mutating func tookIn(isNews: Bool) {
        precondition(activity != .none, "a fact must be submitted before it is taken in")
        if isNews {
            debt = .advance
        } else if debt == .none {
            debt = .deadline
        }
    }

    /// Notes that the effects of the submitted fact, and of all facts queued meanwhile, have been performed.
    /// - Parameter mayWait: Whether, outside of a read, the machine may act later, together with further facts.
    package mutating func endTakingIn(mayWait: Bool = false) -> Next {
        precondition(activity == .takingIn, "no fact is being taken in")
        activity = .none
        if isReading { return .none }
        guard mayWait, debt == .advance else { return .step }
        if isStepScheduled { return .none }
        isStepScheduled = true
        return .scheduleStep
    }

    // MARK: Steps

    /// Notes that a step begins.
    package mutating func beginStep() {
        precondition(activity == .none, "the machine is at work")
        activity = .stepping
    }

    /// Whether the machine must advance now. It may have to several times in one step, because its effects report
    /// facts.
    package mutating func beginAdvance() -> Bool {
        precondition(activity == .stepping, "no step is under way")
        guard debt == .advance else { return false }
        debt = .deadline
        return true
    }

    /// Notes that a step ends, and that all that was due is done.
    package mutating func endStep() {
        precondition(activity == .stepping, "no step is under way")
        activity = .none
        debt = .none
    }

    /// Notes that the time of the scheduled step has come.
    /// - Returns: `.step` if something is still due, because no step in between has done it.
    package mutating func scheduledStepFired() -> Next {
        isStepScheduled = false
        return isStepDue && debt == .advance ? .step : .none
    }
}
