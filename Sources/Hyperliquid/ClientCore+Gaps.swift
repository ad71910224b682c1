internal import HyperliquidEngine

extension ClientCore {
    func endHandover(of wire: WireID, isLost: Bool) {
        let patience = engine.configuration.answerTimeout
        guard let sink = wires[wire], let link = sink.links.last,
            let remainder = sink.endHandover(isLost: isLost, at: now, patience: patience)
        else { return }
        if remainder.hasGap { announceGap(wire, .moved) }
        ports[link]?.deliver(remainder.messages, to: sink)
    }

    func announceGap(_ wire: WireID, _ reason: Gap.Reason) {
        guard let sink = wires[wire] else { return }
        sink.announce(
            Gap(reason: reason, fromMilliseconds: sink.lastHeardMilliseconds, toMilliseconds: wallMilliseconds))
        notice(.gap(sink.request, reason))
    }
}
