/// Elements of which the least is always at hand; each change costs the logarithm of their number.
struct Heap<Element: Comparable & Hashable & Sendable>: Hashable, Sendable {
    private var elements: [Element] = []

    /// The least one.
    var first: Element? { elements.first }

    /// Nothing is inserted if there is nothing.
    mutating func insert(_ element: Element?) {
        guard let element else { return }
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the least one.
    mutating func popFirst() -> Element? {
        guard !elements.isEmpty else { return nil }
        elements.swapAt(0, elements.count - 1)
        let least = elements.removeLast()
        var parent = 0
        while true {
            let child = 2 * parent + 1
            guard child < elements.count else { return least }
            let isSecondLess = child + 1 < elements.count && elements[child + 1] < elements[child]
            let smallest = isSecondLess ? child + 1 : child
            guard elements[smallest] < elements[parent] else { return least }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
