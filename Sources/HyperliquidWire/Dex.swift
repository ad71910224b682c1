/// The rules for names of dexes.
enum Dex {
    /// Checks a name: empty for the main dex, or a builder dex' short one.
    static func validate(_ name: String) throws(FeedParameterError) {
        let isPlain = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ":")
        }
        guard name.utf8.count <= 32, isPlain else {
            throw FeedParameterError(
                parameter: "dex", problem: "'\(name)' is no dex name",
                remedy: "use the bare name, for example xyz, or leave it out for the main dex")
        }
    }
}
