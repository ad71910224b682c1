extension Dictionary {
    /// Changes the value of a key in place and returns the closure's result; `nil` if the key is absent.
    ///
    /// Optional chaining, `self[key]?.…`, would move the value out and back, which costs about a thousand instructions
    /// for a large value.
    @discardableResult
    mutating func update<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        guard let index = index(forKey: key) else { return nil }
        return change(&values[index])
    }
}

extension Array where Element: Comparable {
    /// Removes an element from a sorted array by binary search; does nothing if the array does not contain it.
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
