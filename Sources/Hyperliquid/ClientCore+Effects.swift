internal import HyperliquidEngine
internal import WebSocketTransport

extension ClientCore {
    /// The only switch over the engine's effects.
    func perform(_ effect: Engine.Effect) {
        switch effect {
        case .bind(let id, let upstream): bind(id, to: upstream)
        case .dial(let connection, let endpoint): dial(connection, endpoint)
        case .close(let connection): ports[connection]?.close()
        case .send(let connection, let message): ports[connection]?.send(message)
        case .attach(let upstream, let connection):
            guard let dispatcher = upstreams[upstream] else { return }
            dispatcher.attach(connection)
            ports[connection]?.add(dispatcher)
        case .detach(let upstream, let connection):
            guard let dispatcher = upstreams[upstream] else { return }
            dispatcher.detach(connection)
            ports[connection]?.remove(dispatcher)
        case .beginHandover(let upstream, let connection): upstreams[upstream]?.beginHandover(from: connection)
        case .endHandover(let upstream, let isLost): endHandover(of: upstream, isLost: isLost)
        case .cancelHandover(let upstream): upstreams[upstream]?.cancelHandover()
        case .expectReplay(let upstream): upstreams[upstream]?.subscribed(atMilliseconds: wallMilliseconds)
        case .sendPost(let connection, let id): sendPost(id, on: connection)
        case .failPost(let id, let failure): failPost(id, failure)
        case .confirm(let id): records[id]?.confirm(atMilliseconds: wallMilliseconds)
        case .fail(let id, let failure): end(id, failure)
        case .announceGap(let upstream, let reason): announceGap(upstream, reason)
        case .forget(let upstream):
            if let dispatcher = upstreams.removeValue(forKey: upstream) { flushQueue.deferRelease(dispatcher) }
        case .note(let note): self.note(note)
        case .finish: finish()
        }
    }

    private func dial(_ connection: ConnectionID, _ kind: EndpointKind) {
        let port = ConnectionHandler(id: connection, core: self)
        ports[connection] = port
        let address = kind == .api ? network.api : network.explorer
        var settings = DialSettings()
        settings.maxMessageByteCount = configuration.messageByteLimit
        settings.tls.additionalRootFiles = configuration.trustedRootFiles
        do throws(TransportError) {
            var randomness = SystemRandomness()
            port.dial = Dialer.dial(
                try Endpoint(address), settings: settings, on: eventLoop, delegate: port, randomness: &randomness)
        } catch {
            connectionEnded(port, .dialFailed(error.message, httpStatus: nil))
        }
    }

    func connectionEnded(_ port: ConnectionHandler, _ reason: CloseReason) {
        ports[port.id] = nil
        if port.hasOpened { notice(.closed(port.id)) }
        submit(.connectionClosed(port.id, reason, draw: UInt64.random(in: .min ... .max)))
    }

    private func endHandover(of upstream: UpstreamID, isLost: Bool) {
        let timeout = engine.configuration.answerTimeout
        guard let dispatcher = upstreams[upstream], let connection = dispatcher.connections.last,
            let remainder = dispatcher.endHandover(isLost: isLost, at: now, timeout: timeout)
        else { return }
        if remainder.hasGap { announceGap(upstream, .moved) }
        ports[connection]?.deliver(remainder.messages, to: dispatcher)
    }

    private func announceGap(_ upstream: UpstreamID, _ reason: Gap.Reason) {
        guard let dispatcher = upstreams[upstream] else { return }
        dispatcher.announce(
            Gap(reason: reason, fromMilliseconds: dispatcher.lastHeardMilliseconds, toMilliseconds: wallMilliseconds))
        notice(.gap(dispatcher.request, reason))
    }
}
