/// The order of work in a shell: when its state machine takes facts in, and when it acts on them.
///
/// A shell owns a state machine and performs its effects. Three rules make its turns hard to write by hand. One fact is
/// taken in at a time: what performing an effect reports is queued. The machine acts (it *advances*) once for all facts
/// of one read of a socket, not once per message. Facts outside of a read are acted on at once, unless they may wait for
/// others. This type holds those rules as a value: the shell reports what happened and does what the answer says. It
/// sees no clock, no event loop and no fact, so the client, the simulated exchange and the simulated world share it.
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
        /// It takes in a fact, or the effects of one are performed. Can move to `none`.
        case takingIn
        /// It acts on its facts, or the effects of that are performed. Can move to `none`.
        case stepping
    }

    private enum Debt: Hashable, Sendable {
        /// No fact was taken in since the last step.
        case none
        /// Facts were, and none of them allows the machine to do more: only its deadline may have moved.
        case deadline
        /// The machine may do more than it has done.
        case advance
    }

    /// Whether facts are gathered until the end of a read.
    package private(set) var isReading = false
    private var activity = Activity.none
    private var debt = Debt.none
    private var isStepScheduled = false

    /// The machine is at rest, no read is under way and nothing is due.
    package init() {}

    /// Whether the machine takes in facts or acts on them now.
    package var isWorking: Bool { activity != .none }

    /// Whether a step can begin and would do something.
    package var isStepDue: Bool { debt != .none && activity == .none }

    // MARK: Reads

    /// A read began. A shell that does not know where reads begin calls this with each message.
    package mutating func beginRead() { isReading = true }

    /// Everything that the read brought has been delivered.
    ///
    /// - Returns: `.step` while facts are due; the read goes on then, and its end is to be reported again. `.none` once
    ///   the read is over. It is over at once where it ends within the machine's work: that work does what is due.
    package mutating func endRead() -> Next {
        if isStepDue { return .step }
        isReading = false
        return .none
    }

    // MARK: Facts

    /// There is a new fact.
    package mutating func submitFact() -> Submission {
        guard activity == .none else { return .queue }
        activity = .takingIn
        return .takeIn
    }

    /// A fact was taken in.
    /// - Parameter isNews: Whether the machine may now do more than it has done.
    package mutating func tookIn(isNews: Bool) {
        precondition(activity != .none, "a fact is submitted before it is taken in")
        if isNews {
            debt = .advance
        } else if debt == .none {
            debt = .deadline
        }
    }

    /// The effects of the submitted fact have been performed, and those of all facts queued meanwhile.
    /// - Parameter mayWait: Whether, outside of a read, the machine need not act before others have been heard.
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

    /// A step begins.
    package mutating func beginStep() {
        precondition(activity == .none, "the machine is at work")
        activity = .stepping
    }

    /// Whether the machine is to advance, once or once more: facts that its effects report may allow that.
    package mutating func beginAdvance() -> Bool {
        precondition(activity == .stepping, "no step is under way")
        guard debt == .advance else { return false }
        debt = .deadline
        return true
    }

    /// A step ends: all that was due is done.
    package mutating func endStep() {
        precondition(activity == .stepping, "no step is under way")
        activity = .none
        debt = .none
    }

    /// The time of the scheduled step has come.
    /// - Returns: `.step` if something is still due: a step in between may have done it.
    package mutating func scheduledStepFired() -> Next {
        isStepScheduled = false
        return isStepDue && debt == .advance ? .step : .none
    }
}
