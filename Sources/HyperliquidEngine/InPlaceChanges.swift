extension Dictionary {
    /// Changes a value where it lies, if there is one: `self[key]?.…` takes it out and puts it back, which for a large
    /// value costs a thousand instructions.
    @discardableResult
    mutating func update<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        guard let index = index(forKey: key) else { return nil }
        return change(&values[index])
    }
}

extension Array where Element: Comparable {
    /// Removes an element of a sorted array, if it is there.
    mutating func removeSorted(_ element: Element) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        if low < count, self[low] == element { remove(at: low) }
    }
}
