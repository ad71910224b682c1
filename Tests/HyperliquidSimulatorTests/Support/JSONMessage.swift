import Foundation
import HyperliquidSimulator
import HyperliquidWire

/// A message as the exchange sent it, with its JSON.
struct JSONMessage {
    let bytes: [UInt8]
    let time: Instant
    /// The subscription that the message belongs to.
    let origin: SubscriptionNumber?
    private let root: Any?

    init(_ bytes: [UInt8], at time: Instant, of origin: SubscriptionNumber?) {
        self.bytes = bytes
        self.time = time
        self.origin = origin
        // The greeting is not JSON.
        root = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var channel: String? { (root as? [String: Any])?["channel"] as? String }
    var isArray: Bool { root is [Any] }
    /// The value of `data`.
    var data: JSON { JSON((root as? [String: Any])?["data"]) }
    var json: JSON { JSON(root) }
}

/// A JSON value, read by keys and indices. A value that does not exist has no properties.
struct JSON {
    let value: Any?

    init(_ value: Any?) { self.value = value }
    init(_ text: String) {
        // A text that is not JSON has no value.
        value = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    subscript(_ index: Int) -> JSON {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSON(nil as Any?) }
        return JSON(array[index])
    }

    var text: String? { value as? String }
    var integer: Int64? { (value as? NSNumber)?.int64Value }
    var flag: Bool? { value as? Bool }
    var isNull: Bool { value is NSNull }
    var isPresent: Bool { value != nil }
    var keys: Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
    var array: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    /// The value of a string with a decimal number.
    var decimal: ExactDecimal? { text.flatMap { ExactDecimal($0) } }
}

/// The user of most tests.
let alice = "0x1111111111111111111111111111111111111111"
