/// The address of a WebSocket: host, port and path, and whether TLS is used.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package let isSecure: Bool
    package let host: String
    package let port: Int
    /// The path with its query.
    package let path: String

    package init(isSecure: Bool, host: String, port: Int, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// Parses `ws://HOST[:PORT][/PATH]` or `wss://…`.
    /// - Throws: ``TransportError``, code `invalidURL`.
    package init(_ url: String) throws(TransportError) {
        func invalid(_ problem: String) -> TransportError {
            TransportError(.invalidURL, "'\(url)' \(problem); write for example wss://api.hyperliquid.xyz/ws")
        }
        let lowered = url.lowercased()
        guard lowered.hasPrefix("ws://") || lowered.hasPrefix("wss://") else {
            throw invalid("is no WebSocket address: it must begin with ws:// or wss://")
        }
        isSecure = lowered.hasPrefix("wss://")
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw invalid("has a character that no address may have")
        }
        let rest = url.dropFirst(isSecure ? 6 : 5)
        guard !rest.contains("#") else { throw invalid("has a fragment, which a WebSocket address may not have") }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest.dropFirst(authority.count)
        path = tail.hasPrefix("/") ? String(tail) : "/" + tail
        guard !authority.contains("@") else { throw invalid("has a user name, which is not supported") }
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw invalid("has an unclosed bracket") }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("has text behind its closing bracket") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts.first.map(String.init) ?? ""
            portText = parts.count > 1 ? parts[1] : nil
        }
        guard !host.isEmpty else { throw invalid("has no host") }
        if let portText {
            guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(portText),
                (1...65535).contains(number)
            else {
                throw invalid("has no port between 1 and 65535")
            }
            port = number
        } else {
            port = isSecure ? 443 : 80
        }
    }

    /// The value of the `Host` header.
    var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? shown : "\(shown):\(port)"
    }

    package var description: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "wss" : "ws")://\(shown):\(port)\(path)"
    }
}
