import HyperliquidWire

extension Fixtures {
    /// Market data and the explorer.
    static let market: [Fixture] = [
        Fixture(
            .allMids(),
            #"{"channel":"allMids","data":{"mids":{"BTC":"64000.5","ETH":"3100.15","@107":"38.42"}}}"#),
        Fixture(
            .allMids(dex: "xyz"), #"{"channel":"allMids","data":{"mids":{"xyz:SP500":"7012.5"},"dex":"xyz"}}"#),
        Fixture(
            .l2Book("ETH"),
            #"{"channel":"l2Book","data":{"coin":"ETH","time":1790000001200,"levels":[[{"px":"3100.1","sz":"12.4","n":3},{"px":"3100.0","sz":"40.0","n":9}],[{"px":"3100.2","sz":"7.75","n":2}]]}}"#
        ),
        Fixture(
            .l2Book("ETH", nSigFigs: 4),
            #"{"channel":"l2Book","data":{"coin":"ETH","time":1790000001200,"levels":[[{"px":"3100.0","sz":"52.4","n":12}],[{"px":"3101.0","sz":"99.1","n":17}]],"spread":"1.0"}}"#
        ),
        Fixture(
            .l2Book("OLD", fast: true),
            #"{"channel":"l2Book","data":{"coin":"OLD","time":1790000001200,"levels":[[],[]],"fast":true}}"#),
        Fixture(
            .bbo("BTC"),
            #"{"channel":"bbo","data":{"coin":"BTC","time":1790000001310,"bbo":[{"px":"64000.0","sz":"1.2345","n":7},{"px":"64001.0","sz":"0.5","n":2}]}}"#
        ),
        Fixture(.bbo("OLD"), #"{"channel":"bbo","data":{"coin":"OLD","time":1790000001310,"bbo":[null,null]}}"#),
        Fixture(
            .bbo("@107"),
            #"{"channel":"bbo","data":{"coin":"@107","time":1790000001310,"bbo":[null,{"px":"38.43","sz":"12.5","n":1}]}}"#
        ),
        Fixture(
            .trades("BTC"),
            #"{"channel":"trades","data":[{"coin":"BTC","side":"A","px":"64000.0","sz":"0.01","time":1790000001290,"hash":"0x5c0e000000000000000000000000000000000000000000000000000000000001","tid":118059911234567,"users":["0x1111111111111111111111111111111111111111","0x2222222222222222222222222222222222222222"]},{"coin":"BTC","side":"B","px":"64001.0","sz":"12.3456789012","time":1790000001291,"hash":"0x0000000000000000000000000000000000000000000000000000000000000000","tid":1095884267920331,"users":["0xabcdefabcdefabcdefabcdefabcdefabcdefabcd","0x2222222222222222222222222222222222222222"]}]}"#
        ),
        Fixture(
            .candle("BTC", interval: .oneMinute),
            #"{"channel":"candle","data":{"t":1789999980000,"T":1790000039999,"s":"BTC","i":"1m","o":"63990.0","c":"64000.0","h":"64010.0","l":"63985.0","v":"3.4567","n":81}}"#
        ),
        Fixture(
            .activeAssetCtx("BTC"),
            #"{"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"0.0000125","openInterest":"31000.5","prevDayPx":"63100.0","dayNtlVlm":"2100000000.5","premium":"-0.0001","oraclePx":"64010.0","markPx":"64001.0","midPx":"64000.5","impactPxs":["64000.0","64001.0"],"dayBaseVlm":"33000.1"}}}"#
        ),
        Fixture(
            .activeAssetCtx("OLD"),
            #"{"channel":"activeAssetCtx","data":{"coin":"OLD","ctx":{"funding":"0.0","openInterest":"0.0","prevDayPx":"0.4","dayNtlVlm":"0.0","premium":null,"oraclePx":"0.4","markPx":"0.4","midPx":null,"impactPxs":null,"dayBaseVlm":"0.0"}}}"#
        ),
        Fixture(
            .activeAssetCtx("@107"),
            #"{"channel":"activeSpotAssetCtx","data":{"coin":"@107","ctx":{"prevDayPx":"37.9","dayNtlVlm":"90000000.1","markPx":"38.41","midPx":"38.42","circulatingSupply":"334000000.5","coin":"@107","totalSupply":"999900000.0","dayBaseVlm":"2340000.2"}}}"#
        ),
        Fixture(
            .assetCtxs(),
            #"{"channel":"assetCtxs","data":{"dex":"","ctxs":[{"funding":"0.0000125","openInterest":"31000.5","prevDayPx":"63100.0","dayNtlVlm":"2100000000.5","premium":null,"oraclePx":"64010.0","markPx":"64001.0","midPx":null,"impactPxs":null,"dayBaseVlm":"33000.1"}]}}"#
        ),
        Fixture(
            .spotAssetCtxs,
            #"{"channel":"spotAssetCtxs","data":[{"prevDayPx":"0.119","dayNtlVlm":"5000.0","markPx":"0.1201","midPx":"0.12005","circulatingSupply":"598000000.0","coin":"PURR/USDC","totalSupply":"598000000.0","dayBaseVlm":"41600.0"}]}"#
        ),
        Fixture(
            .allDexsAssetCtxs,
            #"{"channel":"allDexsAssetCtxs","data":{"ctxs":[["",[{"funding":"0.0000125","openInterest":"31000.5","prevDayPx":"63100.0","dayNtlVlm":"2100000000.5","premium":"0.0","oraclePx":"64010.0","markPx":"64001.0","midPx":"64000.5","impactPxs":["64000.0","64001.0"],"dayBaseVlm":"33000.1"}]],["xyz",[]]]}}"#
        ),
        Fixture(
            .fastAssetCtxs, FastAssetContextsTests.full,
            event:
                #"{"BTC":{"markPx":"64001.0","midPx":"64000.5"},"ETH":{"markPx":"3100.2","midPx":"3100.15"},"PURR":{"markPx":"0.1201","midPx":null}}"#
        ),
        Fixture(
            .fastAssetCtxs, after: [FastAssetContextsTests.full], FastAssetContextsTests.ethereum,
            event:
                #"{"BTC":{"markPx":"64001.0","midPx":"64000.5"},"ETH":{"markPx":"3100.2","midPx":"3100.25"},"PURR":{"markPx":"0.1201","midPx":null}}"#
        ),
        Fixture(.outcomeMetaUpdates, #"{"channel":"outcomeMetaUpdates","data":[{"outcomeSettled":1472}]}"#),
        Fixture(
            .outcomeMetaUpdates,
            #"{"channel":"outcomeMetaUpdates","data":{"updates":[{"outcomeSettled":{"outcome":1472}},{"questionSettled":{"question":88}}]}}"#
        ),
        Fixture(
            .outcomeMetaUpdates,
            #"{"channel":"outcomeMetaUpdates","data":[{"outcomeCreated":{"outcome":1473,"name":"template:binaryPrice","description":"perp:ETH|threshold:3100","sideSpecs":[{"name":"template:Yes"},{"name":"template:No","token":5}],"quoteToken":"USDC","venue":"out","deployerFeeScale":"1.0"}},{"questionUpdated":{"question":88,"name":"q","description":"a \"quoted\" word","fallbackOutcome":1470,"namedOutcomes":[1471,1472],"settledNamedOutcomes":[]}},{"questionSettled":87}]}"#
        ),
        Fixture(
            .explorerBlock,
            #"[{"blockTime":1790000005000,"hash":"0xabc0000000000000000000000000000000000000000000000000000000000001","height":900000001,"numTxs":512,"proposer":"0x5555555555555555555555555555555555555555"}]"#
        ),
        Fixture(
            .explorerTxs,
            #"[{"action":{"type":"cancel","cancels":[{"a":4,"o":310000000123}]},"block":900000001,"error":null,"hash":"0xabc0000000000000000000000000000000000000000000000000000000000002","time":1790000005000,"user":"0x1111111111111111111111111111111111111111"}]"#
        ),
    ]
}
