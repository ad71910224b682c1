/// A kind of fault of the simulated world. A run can leave out each of them.
package enum FaultKind: String, CaseIterable, Sendable {
    // Of the venue.
    case expire
    case kill
    case silence
    case stallUpgrades = "stall-upgrades"
    case refuseUpgrades = "refuse-upgrades"
    case delayAnswers = "delay-answers"
    case dropAcknowledgements = "drop-acknowledgements"
    case reorderAcknowledgements = "reorder-acknowledgements"
    case killAfterSubscribes = "kill-after-subscribes"
    // Of the network.
    case cut
    case halfOpen = "half-open"
    /// The delay of a connection changes.
    case delay
    /// One direction of a connection brings nothing for a while. Nothing is lost.
    case stall
    /// A connection breaks in the middle of a message.
    case truncation
    /// A message takes seconds to arrive.
    case slowMessage = "slow-message"
    /// Dials fail before they reach the venue.
    case dialFailure = "dial-failure"
    // Of the client's machine.
    /// The time of day jumps.
    case clockJump = "clock-jump"
}
