import HyperliquidWire

extension Fixtures {
    private static let whose = #""user":"0x1111111111111111111111111111111111111111""#
    private static let hash = #""hash":"0x5c0e000000000000000000000000000000000000000000000000000000000003""#

    /// A fill with every optional field.
    private static let fullFill =
        #"{"coin":"xyz:SP500","px":"7012.5","sz":"12.3456789012","side":"A","time":1790000003000,"startPosition":"-4490636699.3287734985","dir":"Liquidated Isolated Short","closedPnl":"-250.5",\#(hash),"oid":310000000124,"crossed":false,"fee":"-0.69","tid":500600700800900,"cloid":"0x000000000000000000000000000000aa","feeToken":"USDC","twapId":777,"builderFee":"0.01","feeTrialEscrow":"0.02","liquidation":{"liquidatedUser":"0x4444444444444444444444444444444444444444","markPx":"7010.0","method":"backstop"}}"#

    /// A TWAP order that waits for a price.
    private static let waitingTwap =
        #"{"coin":"@107",\#(whose),"side":"A","sz":"1.0","executedSz":"0.0","executedNtl":"0.0","minutes":1440,"reduceOnly":true,"randomize":false,"timestamp":1790000029000,"stopPx":"85.5","trigger":{"px":"88.0","above":true}}"#

    private static let child =
        #"{"coin":"ETH","side":"A","limitPx":"2900.0","sz":"1.5","oid":310000000141,"timestamp":1790000002700,"triggerCondition":"Price below 2950","isTrigger":true,"triggerPx":"2950.0","children":[],"isPositionTpsl":true,"reduceOnly":true,"orderType":"Stop Market","origSz":"1.5","tif":null,"cloid":"0x000000000000000000000000000000ab"}"#

    /// One ledger update of each known kind (docs/protocol.md, "userNonFundingLedgerUpdates").
    static let ledgerDeltas = [
        #"{"type":"deposit","usdc":"200079.847397"}"#,
        #"{"type":"withdraw","usdc":"10.0","nonce":1790000004001,"fee":"1.0"}"#,
        #"{"type":"internalTransfer","usdc":"10.0",\#(whose),"destination":"0x2222222222222222222222222222222222222222","fee":"1.0"}"#,
        #"{"type":"subAccountTransfer","usdc":"10.0",\#(whose),"destination":"0x2222222222222222222222222222222222222222"}"#,
        #"{"type":"spotTransfer","token":"HYPE","amount":"1.5","usdcValue":"57.63",\#(whose),"destination":"0x2222222222222222222222222222222222222222","fee":"0.0","nativeTokenFee":"0.0","nonce":null,"feeToken":""}"#,
        #"{"type":"send",\#(whose),"destination":"0x2222222222222222222222222222222222222222","sourceDex":"","destinationDex":"spot","token":"USDC","amount":"10.0","usdcValue":"10.0","fee":"0.0","nativeTokenFee":"0.0","nonce":1790000004002,"feeToken":"USDC"}"#,
        #"{"type":"liquidation","liquidatedNtlPos":"356.80015","accountValue":"2.956494","leverageType":"Cross","liquidatedPositions":[{"coin":"ATOM","szi":"-29.21"}]}"#,
        #"{"type":"vaultCreate","vault":"0x3333333333333333333333333333333333333333","usdc":"100.0","fee":"100.0"}"#,
        #"{"type":"vaultDeposit","vault":"0x3333333333333333333333333333333333333333","usdc":"5.0"}"#,
        #"{"type":"vaultDistribution","vault":"0x3333333333333333333333333333333333333333","usdc":"5.0"}"#,
        #"{"type":"vaultWithdraw","vault":"0x3333333333333333333333333333333333333333",\#(whose),"requestedUsd":"9.0","commission":"0.1","closingCost":"0.2","basis":"8.0","netWithdrawnUsd":"8.7"}"#,
        #"{"type":"vaultLeaderCommission",\#(whose),"usdc":"5.0"}"#,
        #"{"type":"rewardsClaim","amount":"3.25","token":"USDC"}"#,
        #"{"type":"spotGenesis","token":"PURR","amount":"1000.0"}"#,
        #"{"type":"deployGasAuction","token":"USDC","amount":"500.0"}"#,
        #"{"type":"cStakingTransfer","token":"HYPE","amount":"4.0","isDeposit":false}"#,
        #"{"type":"borrowLend","token":"USDC","operation":"supply","amount":"4.0","interestAmount":"0.01"}"#,
        #"{"type":"activateDexAbstraction","dex":"xyz","token":"USDC","amount":"1.0"}"#,
    ]

    /// The user feeds again, with fields that their usual messages do not have.
    static let account: [Fixture] = [
        Fixture(.userEvents(user: .example), #"{"channel":"user","data":{"fills":[\#(fullFill)]}}"#),
        Fixture(
            .userEvents(user: .example),
            #"{"channel":"user","data":{"twapSliceFills":[{"fill":\#(fullFill),"twapId":777}]}}"#),
        Fixture(
            .userEvents(user: .example),
            #"{"channel":"user","data":{"twapHistory":[{"time":1790000029,"state":\#(waitingTwap),"status":{"status":"waitingForTrigger"},"twapId":778}]}}"#
        ),
        Fixture(
            .userFills(user: .example, aggregateByTime: true),
            #"{"channel":"userFills","data":{\#(whose),"fills":[\#(fullFill)]}}"#),
        Fixture(
            .userTwapHistory(user: .example),
            #"{"channel":"userTwapHistory","data":{"isSnapshot":true,\#(whose),"history":[{"time":1790000030,"state":\#(waitingTwap),"status":{"status":"error","description":"Insufficient spot balance"},"twapId":778}]}}"#
        ),
        Fixture(
            .twapStates(user: .example, dex: "xyz"),
            #"{"channel":"twapStates","data":{"dex":"xyz",\#(whose),"states":[[778,\#(waitingTwap)]]}}"#),
        Fixture(
            .userNonFundingLedgerUpdates(user: .example),
            #"{"channel":"userNonFundingLedgerUpdates","data":{"isSnapshot":true,\#(whose),"nonFundingLedgerUpdates":["#
                + ledgerDeltas.map { #"{"time":1790000004000,\#(hash),"delta":\#($0)}"# }.joined(separator: ",")
                + "]}}"),
        Fixture(
            .orderUpdates(user: .example),
            #"{"channel":"orderUpdates","data":[{"order":{"coin":"ETH","side":"A","limitPx":"3099.0","sz":"0.0","oid":310000000125,"timestamp":1790000002000,"origSz":"2.0","reduceOnly":true},"status":"reduceOnlyCanceled","statusTimestamp":1790000002000}]}"#
        ),
        Fixture(
            .openOrders(user: .example, dex: "xyz"),
            #"{"channel":"openOrders","data":{"dex":"xyz",\#(whose),"orders":[{"coin":"xyz:SP500","side":"B","limitPx":"7000.0","sz":"1.5","oid":310000000140,"timestamp":1790000002700,"triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[\#(child)],"isPositionTpsl":false,"reduceOnly":false,"orderType":"Limit","origSz":"1.5","tif":"Alo","cloid":null}]}}"#
        ),
        Fixture(
            .clearinghouseState(user: .example, dex: "xyz"),
            #"{"channel":"clearinghouseState","data":{"dex":"xyz",\#(whose),"clearinghouseState":{"marginSummary":{"accountValue":"83.307638","totalNtlPos":"75.652","totalRawUsd":"-7.655638","totalMarginUsed":"7.525754"},"crossMarginSummary":{"accountValue":"75.781884","totalNtlPos":"0.0","totalRawUsd":"75.781884","totalMarginUsed":"0.0"},"crossMaintenanceMarginUsed":"0.0","withdrawable":"75.781884","assetPositions":[{"type":"oneWay","position":{"coin":"xyz:SP500","szi":"-2.0","leverage":{"type":"isolated","value":10,"rawUsd":"83.1"},"entryPx":"7012.5","positionValue":"75.652","unrealizedPnl":"-0.1","returnOnEquity":"-0.013","liquidationPx":"7500.25","marginUsed":"7.525754","maxLeverage":20,"cumFunding":{"allTime":"0.0","sinceOpen":"0.0","sinceChange":"0.0"}}}],"time":1790000003100}}}"#
        ),
        Fixture(
            .spotState(user: .example, ignorePortfolioMargin: true),
            #"{"channel":"spotState","data":{\#(whose),"spotState":{"balances":[{"coin":"USDC","token":0,"total":"120.5","hold":"0.0","entryNtl":"0.0","spotHold":"1.0","ltv":"0.5","borrowed":"2.0","supplied":"3.0"},{"coin":"o14720","total":"10.0","hold":"0.0","entryNtl":"4.1"}],"portfolioMarginEnabled":true,"evmEscrows":[{"coin":"HYPE","token":150,"total":"1.0"}],"portfolioMarginRatio":"0.25","tokenToPortfolioBorrowRatio":[[0,"0.1"]],"tokenToPortfolioSupplyRatio":[[150,"0.2"]],"tokenToAvailableAfterMaintenance":[[0,"100.25"]]}}}"#
        ),
        Fixture(
            .activeAssetData(user: .example, coin: "ETH"),
            #"{"channel":"activeAssetData","data":{\#(whose),"coin":"ETH","leverage":{"type":"isolated","value":5,"rawUsd":"-12.5"},"maxTradeSzs":["0.0","32.6"],"availableToTrade":["0.0","5055.0"],"markPx":"3100.2"}}"#
        ),
        Fixture(
            .webData3(user: .example),
            #"{"channel":"webData3","data":{"userState":{"agentAddress":"0x6666666666666666666666666666666666666666","agentValidUntil":1790000009000,"cumLedger":"-1200.0","serverTime":1790000003500,"isVault":true,\#(whose),"optOutOfSpotDusting":true,"dexAbstractionEnabled":false,"abstraction":"portfolioMargin"},"perpDexStates":[{"totalVaultEquity":"12.5","leadingVaults":[{"address":"0x3333333333333333333333333333333333333333","name":"a \"vault\""}]}]}}"#
        ),
    ]
}
