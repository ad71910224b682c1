/// Wire subscriptions by their route keys, made to be looked up once a message.
///
/// A dictionary hashes with a key of its own against hostile keys, at some 200 instructions a message; here a slot
/// chosen by the key's own bits holds nearly every sink, and the dictionary those that found their slot taken.
///
/// It gives sinks unmanaged: to own one would count a reference up and down for each message. A sink that is forgotten
/// is kept until the end of the read.
@safe struct SinkTable {
    /// Owned by the dictionary: were it owned here too, each look-up would count references up and down.
    @safe private struct Slot {
        var key = RouteKey.none
        var sink: Unmanaged<WireSink>?
    }

    private var byKey: [RouteKey: WireSink] = [:]
    // A power of two, at least four times as many as there are sinks.
    private var slots = [Slot()]
    /// The sink, if there is just one.
    private(set) var only: Unmanaged<WireSink>?

    var isEmpty: Bool { byKey.isEmpty }
    /// Every sink, in no order.
    var all: some Collection<WireSink> { byKey.values }

    private func place(of key: RouteKey) -> Int { Int(truncatingIfNeeded: key.spread) & (slots.count &- 1) }

    /// Mutating only so that it works in place: a call for the value would count its two buffers up and down.
    mutating func find(_ key: RouteKey) -> Unmanaged<WireSink>? {
        let slot = slots[place(of: key)]
        if slot.key == key, let sink = unsafe slot.sink { return unsafe sink }
        return unsafe byKey[key].map { unsafe Unmanaged.passUnretained($0) }
    }

    mutating func add(_ sink: WireSink) {
        let former = byKey.updateValue(sink, forKey: sink.routeKey)
        precondition(former == nil, "no two confusable feeds share a link")
        unsafe only = byKey.count == 1 ? Unmanaged.passUnretained(sink) : nil
        if byKey.count * 4 > slots.count {
            slots = Array(repeating: Slot(), count: slots.count * 4)
            for sink in byKey.values { fill(sink) }
        } else {
            fill(sink)
        }
    }

    private mutating func fill(_ sink: WireSink) {
        let place = place(of: sink.routeKey)
        guard unsafe slots[place].sink == nil else { return }
        slots[place] = unsafe Slot(key: sink.routeKey, sink: Unmanaged.passUnretained(sink))
    }

    mutating func remove(_ sink: WireSink) {
        guard byKey[sink.routeKey] === sink else { return }
        byKey[sink.routeKey] = nil
        let place = place(of: sink.routeKey)
        if slots[place].key == sink.routeKey { slots[place] = Slot() }
        unsafe only = byKey.count == 1 ? byKey.values.first.map { unsafe Unmanaged.passUnretained($0) } : nil
    }
}
