internal import HyperliquidEngine
internal import WebSocketTransport

extension ClientCore {
    /// The only switch over the engine's effects.
    func perform(_ effect: Engine.Effect) {
        switch effect {
        case .dial(let link, let endpoint): dial(link, endpoint)
        case .close(let link): ports[link]?.close()
        case .send(let link, let message): ports[link]?.send(message)
        case .attach(let wire, let link):
            guard let sink = wires[wire] else { return }
            sink.attach(link)
            ports[link]?.add(sink)
        case .detach(let wire, let link):
            guard let sink = wires[wire] else { return }
            sink.detach(link)
            ports[link]?.remove(sink)
        case .beginHandover(let wire, let link): wires[wire]?.beginHandover(from: link)
        case .endHandover(let wire, let isLost): endHandover(of: wire, isLost: isLost)
        case .cancelHandover(let wire): wires[wire]?.cancelHandover()
        case .expectReplay(let wire): wires[wire]?.subscribed(atMilliseconds: wallMilliseconds)
        case .sendPost(let link, let id): sendPost(id, on: link)
        case .failPost(let id, let failure): failPost(id, failure)
        case .confirm(let id): records[id]?.confirm(atMilliseconds: wallMilliseconds)
        case .fail(let id, let failure): end(id, failure)
        case .announceGap(let wire, let reason): announceGap(wire, reason)
        case .forget(let wire): if let sink = wires.removeValue(forKey: wire) { flushQueue.retire(sink) }
        case .note(let note): self.note(note)
        case .finish: finish()
        }
    }

    private func dial(_ link: LinkID, _ kind: EndpointKind) {
        let port = LinkPort(id: link, core: self)
        ports[link] = port
        let address = kind == .api ? network.api : network.explorer
        var settings = DialSettings()
        settings.maxMessageByteCount = configuration.messageByteLimit
        settings.tls.additionalRootFiles = configuration.trustedRootFiles
        do throws(TransportError) {
            var randomness = SystemRandomness()
            port.dial = Dialer.dial(
                try Endpoint(address), settings: settings, on: eventLoop, delegate: port, randomness: &randomness)
        } catch {
            linkEnded(port, .dialFailed(error.message, httpStatus: nil))
        }
    }

    func linkEnded(_ port: LinkPort, _ reason: CloseReason) {
        ports[port.id] = nil
        if port.hasOpened { notice(.closed(port.id)) }
        submit(.linkClosed(port.id, reason, draw: UInt64.random(in: .min ... .max)))
    }

    private func endHandover(of wire: WireID, isLost: Bool) {
        let patience = engine.configuration.answerTimeout
        guard let sink = wires[wire], let link = sink.links.last,
            let remainder = sink.endHandover(isLost: isLost, at: now, patience: patience)
        else { return }
        if remainder.hasGap { announceGap(wire, .moved) }
        ports[link]?.deliver(remainder.messages, to: sink)
    }

    private func announceGap(_ wire: WireID, _ reason: Gap.Reason) {
        guard let sink = wires[wire] else { return }
        sink.announce(
            Gap(reason: reason, fromMilliseconds: sink.lastHeardMilliseconds, toMilliseconds: wallMilliseconds))
        notice(.gap(sink.request, reason))
    }
}
