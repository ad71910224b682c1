/// Upstream subscriptions by their route keys, made to be looked up once a message.
///
/// A dictionary hashes with a key of its own against hostile keys, at some 200 instructions a message; here a slot
/// chosen by the key's own bits holds nearly every dispatcher, and the dictionary those that found their slot taken.
///
/// It gives dispatchers unmanaged: to own one would count a reference up and down for each message. A dispatcher that is forgotten
/// is kept until the end of the read.
@safe struct RouteKeyTable {
    /// Owned by the dictionary: were it owned here too, each look-up would count references up and down.
    @safe private struct Slot {
        var key = RouteKey.none
        var dispatcher: Unmanaged<UpstreamDispatcher>?
    }

    private var byKey: [RouteKey: UpstreamDispatcher] = [:]
    // A power of two, at least four times as many as there are dispatchers.
    private var slots = [Slot()]
    /// The dispatcher, if there is just one.
    private(set) var only: Unmanaged<UpstreamDispatcher>?

    var isEmpty: Bool { byKey.isEmpty }
    /// Every dispatcher, in no order.
    var all: some Collection<UpstreamDispatcher> { byKey.values }

    private func place(of key: RouteKey) -> Int { Int(truncatingIfNeeded: key.spread) & (slots.count &- 1) }

    /// Mutating only so that it works in place: a call for the value would count its two buffers up and down.
    mutating func find(_ key: RouteKey) -> Unmanaged<UpstreamDispatcher>? {
        let slot = slots[place(of: key)]
        if slot.key == key, let dispatcher = unsafe slot.dispatcher { return unsafe dispatcher }
        return unsafe byKey[key].map { unsafe Unmanaged.passUnretained($0) }
    }

    mutating func add(_ dispatcher: UpstreamDispatcher) {
        let former = byKey.updateValue(dispatcher, forKey: dispatcher.routeKey)
        precondition(former == nil, "no two ambiguous feeds share a connection")
        unsafe only = byKey.count == 1 ? Unmanaged.passUnretained(dispatcher) : nil
        if byKey.count * 4 > slots.count {
            slots = Array(repeating: Slot(), count: slots.count * 4)
            for dispatcher in byKey.values { fill(dispatcher) }
        } else {
            fill(dispatcher)
        }
    }

    private mutating func fill(_ dispatcher: UpstreamDispatcher) {
        let place = place(of: dispatcher.routeKey)
        guard unsafe slots[place].dispatcher == nil else { return }
        slots[place] = unsafe Slot(key: dispatcher.routeKey, dispatcher: Unmanaged.passUnretained(dispatcher))
    }

    mutating func remove(_ dispatcher: UpstreamDispatcher) {
        guard byKey[dispatcher.routeKey] === dispatcher else { return }
        byKey[dispatcher.routeKey] = nil
        let place = place(of: dispatcher.routeKey)
        if slots[place].key == dispatcher.routeKey { slots[place] = Slot() }
        unsafe only = byKey.count == 1 ? byKey.values.first.map { unsafe Unmanaged.passUnretained($0) } : nil
    }
}
