#!/usr/bin/env python3
"""python_client.py URL MIX COUNT: a peer of the benchmark with websockets and orjson."""
import asyncio
import json
import os
import resource
import sys
import time

import orjson
import websockets

MASK = (1 << 64) - 1


def e6(text):
    whole, _, fraction = text.partition(".")
    return int(whole) * 1000000 + (int(fraction) * 10 ** (6 - len(fraction)) if fraction else 0)


def level(entry):
    return e6(entry["px"]) + 3 * e6(entry["sz"]) + 5 * entry["n"]


def book(data):
    total = data["time"] + 17 * len(data["coin"])
    return total + sum(level(entry) for side in data["levels"] for entry in side)


def best(data):
    return data["time"] + 17 * len(data["coin"]) + sum(level(entry) for entry in data["bbo"] if entry)


def trades(data):
    return sum(
        e6(trade["px"]) + 3 * e6(trade["sz"]) + 5 * trade["tid"] + trade["time"] + 17 * len(trade["coin"])
        + (11 if trade["side"] == "B" else 0)
        for trade in data
    )


def mids(data):
    return sum(e6(price) + 17 * len(name) for name, price in data["mids"].items())


READERS = {"l2Book": book, "bbo": best, "trades": trades, "allMids": mids}


def subscriptions(mix):
    if mix == "allMids":
        return [{"type": "allMids"}]
    if mix != "mixed":
        return [{"type": mix, "coin": "BTC"}]
    coins = os.environ.get("RIG_COINS", "").split()
    return [{"type": "allMids"}] + [
        {"type": kind, "coin": coin} for coin in coins for kind in ("l2Book", "bbo", "trades")
    ]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main(url, mix, count):
    latency = os.environ.get("RIG_LATENCY") == "1"
    frames, total, delays = 0, 0, []
    async with websockets.connect(url, compression=None, max_size=None, max_queue=None) as socket:
        cpu, wall = cpu_seconds(), time.monotonic()
        for subscription in subscriptions(mix):
            await socket.send(json.dumps({"method": "subscribe", "subscription": subscription}))
        while frames < count:
            message = orjson.loads(await socket.recv())
            reader = READERS.get(message["channel"])
            if reader is None:
                continue
            total += reader(message["data"])
            frames += 1
            if latency and frames > count // 10:
                data = message["data"]
                delays.append(time.time_ns() - (data[0] if mix == "trades" else data)["time"])
        cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
    line = {
        "client": "python-websockets-orjson", "mix": mix, "frames": frames,
        "cpu_us_per_msg": round(cpu * 1e6 / count, 2), "wall_s": round(wall, 3),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "checksum": str(total & MASK),
    }
    if delays:
        delays.sort()
        for name, share in (("p50_us", 0.5), ("p99_us", 0.99), ("p999_us", 0.999), ("max_us", 1)):
            line[name] = round(delays[int((len(delays) - 1) * share)] / 1000, 1)
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
