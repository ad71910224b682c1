import HyperliquidWire

extension Fixtures {
    /// The feeds of a user.
    static let user: [Fixture] = [
        Fixture(
            .notification(user: .example),
            #"{"channel":"notification","data":{"notification":"Bought 0.5 ETH at 3100.2"}}"#),
        Fixture(
            .orderUpdates(user: .example),
            #"{"channel":"orderUpdates","data":[{"order":{"coin":"ETH","side":"B","limitPx":"3099.0","sz":"2.0","oid":310000000123,"timestamp":1790000002000,"origSz":"2.0","cloid":"0x000000000000000000000000000000aa"},"status":"open","statusTimestamp":1790000002000}]}"#
        ),
        Fixture(
            .userEvents(user: .example),
            #"{"channel":"user","data":{"nonUserCancel":[{"coin":"ETH","oid":310000000123}]}}"#),
        Fixture(
            .userEvents(user: .example),
            #"{"channel":"user","data":{"funding":{"time":1790002800000,"coin":"ETH","usdc":"-0.42","szi":"2.0","fundingRate":"0.0000125","nSamples":null}}}"#
        ),
        Fixture(
            .userEvents(user: .example),
            #"{"channel":"user","data":{"liquidation":{"lid":9001,"liquidator":"0x3333333333333333333333333333333333333333","liquidated_user":"0x4444444444444444444444444444444444444444","liquidated_ntl_pos":"12000.0","liquidated_account_value":"150.5"}}}"#
        ),
        Fixture(
            .userFills(user: .example),
            #"{"channel":"userFills","data":{"isSnapshot":true,"user":"0x1111111111111111111111111111111111111111","fills":[{"coin":"ETH","px":"3100.2","sz":"0.5","side":"B","time":1790000003000,"startPosition":"0.0","dir":"Open Long","closedPnl":"0.0","hash":"0x5c0e000000000000000000000000000000000000000000000000000000000002","oid":310000000124,"crossed":true,"fee":"0.69","tid":500600700800900,"feeToken":"USDC","twapId":null}]}}"#
        ),
        Fixture(
            .userFundings(user: .example),
            #"{"channel":"userFundings","data":{"user":"0x1111111111111111111111111111111111111111","fundings":[{"time":1790002800000,"coin":"ETH","usdc":"-0.42","szi":"2.0","fundingRate":"0.0000125","nSamples":24}]}}"#
        ),
        Fixture(
            .userNonFundingLedgerUpdates(user: .example),
            #"{"channel":"userNonFundingLedgerUpdates","data":{"user":"0x1111111111111111111111111111111111111111","nonFundingLedgerUpdates":[{"time":1790000004000,"hash":"0x5c0e000000000000000000000000000000000000000000000000000000000003","delta":{"type":"accountClassTransfer","usdc":"250.0","toPerp":true}}]}}"#
        ),
        Fixture(
            .userHistoricalOrders(user: .example),
            #"{"channel":"userHistoricalOrders","data":{"user":"0x1111111111111111111111111111111111111111","orderHistory":[{"order":{"coin":"ETH","side":"B","limitPx":"3099.0","sz":"0.0","oid":310000000123,"timestamp":1790000002000,"triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],"isPositionTpsl":false,"reduceOnly":false,"orderType":"Limit","origSz":"2.0","tif":"Gtc","cloid":null},"status":"filled","statusTimestamp":1790000002500}]}}"#
        ),
        Fixture(
            .userTwapSliceFills(user: .example),
            #"{"channel":"userTwapSliceFills","data":{"user":"0x1111111111111111111111111111111111111111","twapSliceFills":[{"fill":{"coin":"ETH","px":"3101.0","sz":"0.05","side":"B","time":1790000030000,"startPosition":"0.5","dir":"Open Long","closedPnl":"0.0","hash":"0x0000000000000000000000000000000000000000000000000000000000000000","oid":310000000130,"crossed":true,"fee":"0.07","tid":500600700800901,"feeToken":"USDC","twapId":777},"twapId":777}]}}"#
        ),
        Fixture(
            .userTwapHistory(user: .example),
            #"{"channel":"userTwapHistory","data":{"user":"0x1111111111111111111111111111111111111111","history":[{"time":1790000029,"state":{"coin":"ETH","user":"0x1111111111111111111111111111111111111111","side":"B","sz":"1.0","executedSz":"0.0","executedNtl":"0.0","minutes":10,"reduceOnly":false,"randomize":true,"timestamp":1790000029000,"stopPx":null,"trigger":null},"status":{"status":"activated"},"twapId":777}]}}"#,
            event:
                #"{"user":"0x1111111111111111111111111111111111111111","history":[{"time":1790000029,"state":{"coin":"ETH","user":"0x1111111111111111111111111111111111111111","side":"B","sz":"1.0","executedSz":"0.0","executedNtl":"0.0","minutes":10,"reduceOnly":false,"randomize":true,"timestamp":1790000029000},"status":{"status":"activated"},"twapId":777}]}"#
        ),
        Fixture(
            .twapStates(user: .example),
            #"{"channel":"twapStates","data":{"dex":"","user":"0x1111111111111111111111111111111111111111","states":[[777,{"coin":"ETH","user":"0x1111111111111111111111111111111111111111","side":"B","sz":"1.0","executedSz":"0.1","executedNtl":"310.1","minutes":10,"reduceOnly":false,"randomize":true,"timestamp":1790000029000,"stopPx":null,"trigger":null}]]}}"#,
            event:
                #"{"dex":"","user":"0x1111111111111111111111111111111111111111","states":[[777,{"coin":"ETH","user":"0x1111111111111111111111111111111111111111","side":"B","sz":"1.0","executedSz":"0.1","executedNtl":"310.1","minutes":10,"reduceOnly":false,"randomize":true,"timestamp":1790000029000}]]}"#
        ),
        Fixture(
            .openOrders(user: .example),
            #"{"channel":"openOrders","data":{"dex":"","user":"0x1111111111111111111111111111111111111111","orders":[{"coin":"ETH","side":"A","limitPx":"3300.0","sz":"1.5","oid":310000000140,"timestamp":1790000002700,"triggerCondition":"Price above 3250","isTrigger":true,"triggerPx":"3250.0","children":[],"isPositionTpsl":false,"reduceOnly":true,"orderType":"Take Profit Limit","origSz":"1.5","tif":null,"cloid":null}]}}"#
        ),
        Fixture(
            .clearinghouseState(user: .example),
            #"{"channel":"clearinghouseState","data":{"dex":"","user":"0x1111111111111111111111111111111111111111","clearinghouseState":{"marginSummary":{"accountValue":"5000.0","totalNtlPos":"1550.1","totalRawUsd":"3449.9","totalMarginUsed":"77.5"},"crossMarginSummary":{"accountValue":"5000.0","totalNtlPos":"1550.1","totalRawUsd":"3449.9","totalMarginUsed":"77.5"},"crossMaintenanceMarginUsed":"15.5","withdrawable":"4900.0","assetPositions":[{"type":"oneWay","position":{"coin":"ETH","szi":"0.5","leverage":{"type":"cross","value":20},"entryPx":"3100.2","positionValue":"1550.1","unrealizedPnl":"0.0","returnOnEquity":"0.0","liquidationPx":null,"marginUsed":"77.5","maxLeverage":25,"cumFunding":{"allTime":"-1.2","sinceOpen":"0.42","sinceChange":"0.42"}}}],"time":1790000003100}}}"#
        ),
        Fixture(
            .allDexsClearinghouseState(user: .example),
            #"{"channel":"allDexsClearinghouseState","data":{"user":"0x1111111111111111111111111111111111111111","clearinghouseStates":[["",{"marginSummary":{"accountValue":"0.0","totalNtlPos":"0.0","totalRawUsd":"0.0","totalMarginUsed":"0.0"},"crossMarginSummary":{"accountValue":"0.0","totalNtlPos":"0.0","totalRawUsd":"0.0","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"0.0","assetPositions":[],"time":1790000003100}]]}}"#
        ),
        Fixture(
            .spotState(user: .example),
            #"{"channel":"spotState","data":{"user":"0x1111111111111111111111111111111111111111","spotState":{"balances":[{"coin":"USDC","token":0,"total":"120.5","hold":"0.0","entryNtl":"0.0"},{"coin":"+14720","total":"10.0","hold":"0.0","entryNtl":"4.1"}]}}}"#
        ),
        Fixture(
            .activeAssetData(user: .example, coin: "ETH"),
            #"{"channel":"activeAssetData","data":{"user":"0x1111111111111111111111111111111111111111","coin":"ETH","leverage":{"type":"cross","value":20},"maxTradeSzs":["31.6","32.6"],"availableToTrade":["4900.0","5055.0"],"markPx":"3100.2"}}"#
        ),
        Fixture(
            .webData3(user: .example),
            #"{"channel":"webData3","data":{"userState":{"agentAddress":null,"agentValidUntil":null,"cumLedger":"1200.0","serverTime":1790000003500,"isVault":false,"user":"0x1111111111111111111111111111111111111111","abstraction":"unifiedAccount"},"perpDexStates":[{"totalVaultEquity":"0.0","perpsAtOpenInterestCap":["XAI"],"leadingVaults":[]},{"totalVaultEquity":"0.0"}]}}"#
        ),
    ]
}
