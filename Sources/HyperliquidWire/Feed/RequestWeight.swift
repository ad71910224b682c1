/// What a request costs of the limit on the weight of requests (docs/protocol.md, "L10" and "Back-fill").
package struct RequestWeight: Hashable, Sendable {
    /// The weight of the request, which counts when it is sent.
    package let base: Int
    /// How many elements of the answer add 1; `nil` if none do.
    private let elementsPerUnit: Int?

    /// The weight of an action. Nothing is known of it, but that it is counted.
    package static let action = RequestWeight(base: 1, elementsPerUnit: nil)

    private init(base: Int, elementsPerUnit: Int?) {
        (self.base, self.elementsPerUnit) = (base, elementsPerUnit)
    }

    /// The weight of an information request. A type whose weight is not documented counts like the heaviest.
    package init(ofType type: String) {
        switch type {
        case "allMids", "l2Book", "clearinghouseState", "orderStatus", "spotClearinghouseState":
            self.init(base: 2, elementsPerUnit: nil)
        case "frontendOpenOrders", "metaAndAssetCtxs", "spotMetaAndAssetCtxs", "outcomeMeta", "activeAssetData":
            self.init(base: 20, elementsPerUnit: nil)
        case "candleSnapshot": self.init(base: 20, elementsPerUnit: 60)
        default: self.init(base: 20, elementsPerUnit: 20)
        }
    }

    /// What an answer adds, by the number of its elements; 0 if it is no array.
    package func added(by answer: [UInt8]) -> Int {
        guard let elementsPerUnit else { return 0 }
        let count = try? MessageReader.read(answer) { (reader) throws(DecodingFault) in
            guard reader.peekType() == .array else { return 0 }
            var (array, count) = (try reader.beginArray(), 0)
            while try reader.nextElement(&array) {
                try reader.skipValue()
                count += 1
            }
            return count
        }
        return (count ?? 0) / elementsPerUnit
    }
}
