extension Dictionary {
    /// Changes a value where it lies, if there is one: `self[key]?.…` takes it out and puts it back, which for a large
    /// value costs a thousand instructions.
    @discardableResult
    mutating func update<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        guard let index = index(forKey: key) else { return nil }
        return change(&values[index])
    }
}
