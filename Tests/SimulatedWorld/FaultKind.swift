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
    // Of a venue that breaks its habits.
    /// A feed becomes poisonous, or is no longer poisonous.
    case poison
    /// Requests about a feed are not answered.
    case ignore
    /// A message is larger than the client accepts.
    case enlarge
    /// Connections end with any code.
    case close
    /// Acknowledgements come in one text with what follows.
    case glue
    /// Acknowledgements show coins and users in another case.
    case echoCase = "echo-case"
    case withholdData = "withhold-data"
    case withholdPongs = "withhold-pongs"
    case delayData = "delay-data"
    /// The venue's clock jumps.
    case venueClockJump = "venue-clock-jump"
    /// Subscribes are refused with unknown texts.
    case refuseSubscribes = "refuse-subscribes"
    /// Errors come without a request.
    case sendError = "send-error"
    case setLimit = "set-limit"
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

    /// The faults by which the venue breaks its habits.
    static let habits: [FaultKind] = [
        .poison, .ignore, .enlarge, .close, .glue, .echoCase, .withholdData, .withholdPongs, .delayData,
        .venueClockJump, .refuseSubscribes, .sendError, .setLimit,
    ]
}
