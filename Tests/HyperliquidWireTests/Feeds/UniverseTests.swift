import Foundation
import HyperliquidWire
import Testing

@Suite("Universe") struct UniverseTests {
    static let meta =
        #"{"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40,"marginTableId":56},"#
        + #"{"name":"OLD","szDecimals":1,"maxLeverage":3,"marginTableId":3,"isDelisted":true}],"#
        + #""marginTables":[[56,{"description":"tiered"}]],"collateralToken":0}"#
    static let spot =
        #"{"universe":[{"name":"PURR/USDC","tokens":[1,0],"index":0,"isCanonical":true},"#
        + #"{"name":"@107","tokens":[150,0],"index":107,"isCanonical":false},"#
        + #"{"name":"@9","tokens":[7,0],"index":9,"isCanonical":false}],"#
        + #""tokens":[{"name":"USDC","szDecimals":8,"weiDecimals":8,"index":0,"fullName":null},"#
        + #"{"name":"PURR","szDecimals":0,"weiDecimals":5,"index":1},"#
        + #"{"name":"HYPE","szDecimals":2,"weiDecimals":8,"index":150}]}"#
    static let dexes = #"[null,{"name":"xyz","fullName":"XYZ","deployer":"0x1"}]"#
    static let outcomes =
        #"{"outcomes":[{"outcome":1472,"name":"A","description":"d","sideSpecs":[{"name":"Yes"},{"name":"No"}],"quoteToken":"USDC"}]}"#

    private func universe() throws -> Universe {
        let builder = PerpMeta(assets: [.init(coin: "xyz:GOLD", sizeDecimals: 2, maximumLeverage: 20)])
        return Universe(
            perpetuals: [("", try PerpMeta(json: Self.meta)), ("xyz", builder)], spot: try SpotMeta(json: Self.spot),
            outcomes: try OutcomeMeta(json: Self.outcomes))
    }

    @Test func `answers are read, and written as they came`() throws {
        #expect(JSONTree(try PerpMeta(json: Self.meta).json)?.sorted == JSONTree(Self.meta)?.sorted)
        #expect(JSONTree(try SpotMeta(json: Self.spot).json)?.sorted == JSONTree(Self.spot)?.sorted)
        #expect(JSONTree(try OutcomeMeta(json: Self.outcomes).json)?.sorted == JSONTree(Self.outcomes)?.sorted)
        #expect(try PerpDexes(json: Self.dexes).names == ["", "xyz"])
        #expect(try PerpDexes(json: PerpDexes(names: ["", "a"]).json).names == ["", "a"])
    }

    @Test(arguments: [
        ("meta", "{}", "universe"), ("meta", #"{"universe":[{"name":"A"}]}"#, "szDecimals"),
        ("spot", #"{"universe":[{"tokens":[1,0]}]}"#, "name"), ("dexes", #"[null,{}]"#, "name"),
        ("outcomes", #"{"outcomes":[{"outcome":1}]}"#, "name"),
    ])
    func `a damaged answer names its field`(kind: String, json: String, field: String) {
        let fault = #expect(throws: DecodingFault.self) {
            switch kind {
            case "meta": _ = try PerpMeta(json: json)
            case "spot": _ = try SpotMeta(json: json)
            case "dexes": _ = try PerpDexes(json: json)
            default: _ = try OutcomeMeta(json: json)
            }
        }
        #expect(fault?.code == .missingField && fault?.path.hasSuffix(field) == true, "\(String(describing: fault))")
    }

    @Test func `a market is found by the venue's spelling and by the readable name of a pair`() throws {
        let universe = try universe()
        #expect(
            universe.markets.map(\.coin) == ["BTC", "OLD", "xyz:GOLD", "PURR/USDC", "@107", "@9", "#14720", "#14721"],
            "a pair of unknown tokens is listed all the same")
        #expect(universe["HYPE/USDC"]?.coin == "@107" && universe["@107"]?.name == "HYPE/USDC")
        #expect(universe["PURR/USDC"]?.coin == "PURR/USDC" && universe["PURR/USDC"]?.sizeDecimals == 0)
        #expect(universe["OLD"]?.isDelisted == true && universe["BTC"]?.maximumLeverage == 40)
        #expect(universe["#14721"]?.kind == .outcome(1472, side: "No"))
        #expect(universe["hype/usdc"] == nil && universe.nearest(to: "hype/usdc") == "HYPE/USDC")
    }

    @Test func `a readable name that two pairs have belongs to neither`() {
        let pairs = ["@1", "@2"].map { Universe.Market(coin: $0, kind: .spot(base: "A", quote: "B")) }
        #expect(Universe(pairs)["A/B"] == nil)
    }

    @Test(arguments: [("trade", "trades"), ("l2book", "l2Book"), ("userFill", "userFills"), ("xyz", nil)])
    func `the nearest feed is named for a misspelt one`(type: String, nearest: String?) {
        let error = #expect(throws: FeedParameterError.self) { try FeedCatalogue.makeFeed(type: type, parameters: []) }
        #expect(error?.remedy == nearest.map { "did you mean '\($0)'?" } ?? "`hyperliquid feeds` lists them")
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: CaptureTests.folder.path), "no recordings beside the package"),
        arguments: ["meta", "spotMeta", "perpDexs", "outcomeMeta"])
    func `recorded answers are read`(folder: String) throws {
        let messages = CaptureTests.messages(in: "rest/\(folder)")
        #expect(!messages.isEmpty)
        for (file, body) in messages {
            switch folder {
            case "meta": #expect(!(try PerpMeta(json: body).assets.isEmpty), "\(file)")
            case "spotMeta": #expect(!(try SpotMeta(json: body).tokens.isEmpty), "\(file)")
            case "perpDexs": #expect(try PerpDexes(json: body).names.first == "", "\(file)")
            default: #expect(!(try OutcomeMeta(json: body).outcomes.isEmpty), "\(file)")
            }
        }
    }
}
