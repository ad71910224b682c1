"""Tests a simulated exchange with the official Python SDK.

Usage: check_third_party.py http://127.0.0.1:PORT

All waits have a timeout. The exit status is 0 if all checks passed.
"""

import sys
import threading
import time

from hyperliquid.info import Info
from hyperliquid.utils.error import ClientError

USER = "0x1111111111111111111111111111111111111111"
TIMEOUT_SECONDS = 30
SUBSCRIPTIONS = [
    {"type": "allMids"},
    {"type": "l2Book", "coin": "ETH"},
    {"type": "trades", "coin": "BTC"},
    {"type": "bbo", "coin": "SOL"},
    {"type": "candle", "coin": "BTC", "interval": "1m"},
    {"type": "activeAssetCtx", "coin": "ETH"},
    {"type": "activeAssetCtx", "coin": "HYPE/USDC"},
    {"type": "activeAssetData", "user": USER, "coin": "BTC"},
    {"type": "userEvents", "user": USER},
    {"type": "userFills", "user": USER},
    {"type": "userFundings", "user": USER},
    {"type": "userNonFundingLedgerUpdates", "user": USER},
    {"type": "orderUpdates", "user": USER},
]
# The messages that each feed must bring: the first one, and a later one.
REQUIRED_COUNT = 2


class Tally:
    """Counts the messages of each subscription, and signals when all have enough."""

    def __init__(self):
        self.counts = [0] * len(SUBSCRIPTIONS)
        self.is_complete = threading.Event()

    def callback(self, index):
        def count(message):
            assert "channel" in message and "data" in message, message
            self.counts[index] += 1
            if min(self.counts) >= REQUIRED_COUNT:
                self.is_complete.set()

        return count


def check_requests(info):
    """Makes all requests of the SDK, and checks what its code reads from the answers."""
    now = int(time.time() * 1000)
    assert info.name_to_asset("BTC") == 0
    assert info.name_to_asset("PURR/USDC") == 10000
    assert info.name_to_asset("xyz:SP500") == 110000
    assert float(info.all_mids()["BTC"]) > 0
    assert len(info.meta_and_asset_ctxs()[1]) == len(info.meta()["universe"])
    assert len(info.spot_meta_and_asset_ctxs()[1]) >= len(info.spot_meta()["universe"])
    bids, asks = info.l2_snapshot("BTC")["levels"]
    assert float(bids[0]["px"]) < float(asks[0]["px"])
    assert info.candles_snapshot("BTC", "1m", now - 3_600_000, now)
    assert "assetPositions" in info.user_state(USER)
    assert "balances" in info.spot_user_state(USER)
    fills = info.user_fills(USER)
    assert fills and info.user_fills_by_time(USER, fills[-1]["time"])
    assert info.user_funding_history(USER, 0)
    assert info.user_non_funding_ledger_updates(USER, 0)
    assert info.historical_orders(USER) and info.user_twap_slice_fills(USER)
    assert len(info.open_orders(USER)) == len(info.frontend_open_orders(USER))
    assert info.query_order_by_oid(USER, fills[0]["oid"])["status"] == "order"
    assert info.query_user_abstraction_state(USER)
    try:
        info.post("/info", {"type": "noSuchType"})
    except ClientError as error:
        assert error.status_code == 422, error
    else:
        raise AssertionError("an unknown type was answered")


def check_feeds(info):
    """Subscribes to every type that the SDK knows and the venue serves, and unsubscribes again."""
    tally = Tally()
    ids = [info.subscribe(dict(one), tally.callback(index)) for index, one in enumerate(SUBSCRIPTIONS)]
    tally.is_complete.wait(TIMEOUT_SECONDS)
    missing = [one for one, count in zip(SUBSCRIPTIONS, tally.counts) if count < REQUIRED_COUNT]
    assert not missing, f"too few messages from {missing}"
    for one, identifier in zip(SUBSCRIPTIONS, ids):
        assert info.unsubscribe(dict(one), identifier)
    # An acknowledgement takes milliseconds. A message after a second shows that an unsubscribe had no effect.
    time.sleep(1)
    before = sum(tally.counts)
    time.sleep(2)
    assert sum(tally.counts) == before, "messages after the unsubscribe"
    return tally.counts


def main():
    info = Info(base_url=sys.argv[1], perp_dexs=["", "xyz"], timeout=10)
    try:
        check_requests(info)
        counts = check_feeds(info)
    finally:
        info.disconnect_websocket()
        info.ws_manager.join(10)
    assert not info.ws_manager.is_alive(), "the SDK's socket did not end"
    for one, count in zip(SUBSCRIPTIONS, counts):
        print(f"{count:6}  {one['type']}")


main()
