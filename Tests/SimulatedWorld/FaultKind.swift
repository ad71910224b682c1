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
}
