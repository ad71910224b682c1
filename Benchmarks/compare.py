#!/usr/bin/env python3
"""Runs the client and its peers in turns, and prints their costs and the ratios to Beast with simdjson.

One run of each is a round. The rounds are interleaved, so that other load on the machine affects all alike, and the
medians are compared. Every checksum is compared with the feed server's.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = os.path.join(HERE, "Peers/.build/feed-server")
SWIFT = os.path.join(HERE, ".build/release/throughput")
PYTHON = [os.path.join(HERE, "Peers/.build/python/bin/python"), os.path.join(HERE, "Peers/python_client.py")]
CLIENTS = {
    "beast": [os.path.join(HERE, "Peers/.build/beast-client")],
    "callback": [SWIFT, "--mode", "callback"],
    "batches": [SWIFT, "--mode", "batches"],
    "events": [SWIFT, "--mode", "events"],
    "python": PYTHON,
}
COUNTS = {"l2Book": 200_000, "bbo": 1_000_000, "trades": 200_000, "mixed": 400_000, "allMids": 20_000}
TARGETS = {
    "l2Book": (4.0, 3.0, 2.0), "bbo": (5.0, 3.5, 1.5), "trades": (7.0, 5.0, 3.0), "mixed": (4.0, 3.0, 2.0),
    "allMids": (1.7, 1.7, 1.7),
}


def coins():
    with open(os.path.join(HERE, "Peers/coins.txt")) as file:
        return " ".join(file.read().split())


def run(client, mix, count, rate=None):
    """Returns the client's line of one run. Ends the program if the client read anything else than was sent."""
    expected = 535 if mix == "mixed" else 1
    command = [SERVER, "0", str(count), "--expect", str(expected)]
    if rate:
        command += ["--rate", str(rate)]
    environment = dict(os.environ, RIG_COINS=coins(), RIG_LATENCY="1" if rate else "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().split()[1]
            words = CLIENTS[client] + [f"ws://127.0.0.1:{port}/ws", mix, str(count)]
            result = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600)
            if result.returncode != 0:
                sys.exit(f"{client} {mix}: {result.stdout}{result.stderr}")
            line = json.loads(result.stdout)
            sent = server.stdout.readline().split()
            if sent[-1] != line["checksum"]:
                sys.exit(f"{client} {mix}: read {line['checksum']}, sent {sent[-1]}")
            return line
        finally:
            server.kill()


def throughput(arguments):
    rows = []
    for mix in arguments.mixes.split(","):
        count = max(int(COUNTS[mix] * arguments.scale), 1000)
        costs = {client: [] for client in CLIENTS}
        memory = {}
        for turn in range(arguments.rounds):
            for client in CLIENTS:
                if client == "python" and turn > 0:
                    continue
                line = run(client, mix, count // 10 if client == "python" else count)
                costs[client].append(line["cpu_us_per_msg"])
                memory[client] = line["rss_mb"]
        medians = {client: statistics.median(values) for client, values in costs.items()}
        rows.append((mix, medians, memory))
        print(f"  {mix}: {medians}", file=sys.stderr)
    print("CPU time per message, user and system, in µs\n")
    print("| mix | Beast + simdjson | callback | batches | events | websockets + orjson |")
    print("| --- | --- | --- | --- | --- | --- |")
    for mix, medians, _ in rows:
        print(f"| {mix} | " + " | ".join(f"{medians[client]:.2f}" for client in CLIENTS) + " |")
    print("\nTimes as fast as Beast + simdjson (target)\n")
    print("| mix | callback | batches | events |")
    print("| --- | --- | --- | --- |")
    for mix, medians, _ in rows:
        ratios = [medians["beast"] / medians[mode] for mode in ("callback", "batches", "events")]
        print(f"| {mix} | " + " | ".join(f"{r:.1f} ({t})" for r, t in zip(ratios, TARGETS[mix])) + " |")
    print("\nPeak resident memory in MB: " + ", ".join(
        f"{mix} {memory['callback']} / {memory['batches']} / {memory['events']}" for mix, _, memory in rows))


def latency(arguments):
    print("\nFrame sent to frame read, in µs (l2Book)\n")
    print("| frames per second | client | p50 | p99 | p99.9 | max |")
    print("| --- | --- | --- | --- | --- | --- |")
    for rate in (1_000, 10_000):
        count = max(int(rate * 10 * arguments.scale), 1000)
        lines = {client: [] for client in ("beast", "callback", "batches", "events")}
        for _ in range(arguments.rounds):
            for client in lines:
                lines[client].append(run(client, "l2Book", count, rate))
        for client, runs in lines.items():
            values = [statistics.median(line[name] for line in runs) for name in ("p50_us", "p99_us", "p999_us", "max_us")]
            print(f"| {rate} | {client} | " + " | ".join(f"{value:.1f}" for value in values) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mixes", default="l2Book,bbo,trades,mixed,allMids")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of the usual number of frames")
    parser.add_argument("--latency", action="store_true", help="measure the latency of frames instead of their cost")
    arguments = parser.parse_args()
    (latency if arguments.latency else throughput)(arguments)


if __name__ == "__main__":
    main()
