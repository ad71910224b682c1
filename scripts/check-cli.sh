#!/usr/bin/env bash
# Tests the command line against the simulated exchange: invalid input, exit statuses, forms of output, and signals.
# Usage: scripts/check-cli.sh [PATH OF hyperliquid]   (the debug build by default)
set -uo pipefail
cd "$(dirname "$0")/.."
program=${1:-.build/debug/hyperliquid}
folder=$(mktemp -d)
export XDG_CACHE_HOME="$folder/cache"
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$folder"' EXIT
failed=0

check() { # NAME COMMAND...: the command must succeed
    local name=$1
    shift
    if "$@" > "$folder/check" 2>&1; then
        printf 'ok      %s\n' "$name"
    else
        printf 'FAILED  %s\n' "$name"
        sed 's/^/        /' "$folder/check" | head -n 20
        failed=1
    fi
}

# Runs the program, with its output in the files out and err. Its exit status must be the first argument.
expect() { # STATUS ARGUMENT...
    local status=$1
    shift
    timeout 60 "$program" "$@" > "$folder/out" 2> "$folder/err"
    local got=$?
    [ "$got" = "$status" ] || { printf 'exit %s instead of %s\n' "$got" "$status"; tail -n 5 "$folder/err"; return 1; }
}
says() { grep -qE -- "$1" "$folder/err" || { printf 'not in the message: %s\n' "$1"; cat "$folder/err"; return 1; }; }
expect_words() { expect "$1" "${@:3}" && says "$2"; }

# Invalid command lines: exit status 64, and a message that says what would be valid.
check 'a command line without a network is refused' expect_words 64 '--simulator' watch trades:BTC
check 'two networks are refused' expect_words 64 'only one' watch --simulator --network mainnet trades:BTC
check 'a command line without a feed is refused' expect_words 64 'feeds' watch --simulator
check 'a misspelt feed is refused with the nearest one' expect_words 64 "did you mean 'trades'" watch --simulator tradez:BTC
check 'an unknown feed is refused with the way to all types' expect_words 64 'hyperliquid feeds' watch --simulator nothing:BTC
check 'a missing coin is refused' expect_words 64 'coin' watch --simulator trades
check 'an invalid user is refused' expect_words 64 'hexadecimal' watch --simulator userFills:0x12
check 'an invalid interval is refused' expect_words 64 'interval' watch --simulator candle:BTC,interval=2m
check 'a withdrawn feed is refused' expect_words 64 'webData3' watch --simulator webData2:0x1111111111111111111111111111111111111111
check 'an invalid URL is refused' expect_words 64 'ws://' watch --url http://127.0.0.1 trades:BTC
check 'a URL without a host is refused' expect_words 64 'host' watch --url ws:// trades:BTC
check 'a count of 0 is refused' expect_words 64 'count' watch --simulator --count 0 trades:BTC
check 'a count that is not a number is refused' expect_words 64 'count' watch --simulator --count many trades:BTC
check 'a time of 0 is refused' expect_words 64 'for' watch --simulator --for 0 trades:BTC
check 'a table of JSON is refused' expect_words 64 'pretty' watch --simulator --table --format json trades:BTC
check 'a seed without a simulator is refused' expect_words 64 'seed' watch --network mainnet --seed 3 trades:BTC
check 'an unknown option is refused' expect_words 64 'bogus' watch --simulator --bogus trades:BTC
check 'an argument of the feeds command is refused' expect_words 64 'what' feeds what

# Why there is no connection: nobody listens on port 1.
check 'watch says why there is no connection' expect_words 1 'Nothing listens at 127.0.0.1:1' \
    watch --url ws://127.0.0.1:1/ws --for 0.5 trades:BTC

check 'simulate refuses an unknown limit with the names of all' expect_words 64 'userLingerSeconds' simulate --limit wishes=3
check 'simulate refuses a limit of the client' expect_words 64 'no limit' simulate --limit spareConnections=1

# A server that greets, answers ping frames and never the exchange's own ping.
python3 - > "$folder/greeter" <<'EOF' &
import base64, hashlib, socket, threading
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
def serve(peer):
    head = b""
    while b"\r\n\r\n" not in head:
        part = peer.recv(4096)
        if not part: return
        head += part
    key = [line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")][0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    peer.sendall(b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept +
                 b"\r\n\r\n\x81\x05Hello\x8a\x00")
    while peer.recv(4096): pass
while True:
    threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()
EOF
greeter=$!
while [ ! -s "$folder/greeter" ]; do sleep 0.1; done
doctor_misses_pong() {
    # The feeds would wait for the acknowledgements that this server does not send either.
    timeout 20 "$program" doctor --url "ws://127.0.0.1:$(cat "$folder/greeter")/ws" > "$folder/out" 2> "$folder/err"
    grep -q 'FAILED api ping message' "$folder/out" || { cat "$folder/out"; return 1; }
}
check 'doctor takes no greeting for the answer to a ping' doctor_misses_pong
kill "$greeter"

# Valid command lines.
one=0x1111111111111111111111111111111111111111
two=0x2222222222222222222222222222222222222222
check 'plan prints tables' expect 0 plan trades:BTC l2Book:BTC l2Book:BTC,nSigFigs=5 "orderUpdates:$one" "orderUpdates:$two"
check 'plan prints JSON' expect 0 plan --json --policy isolated trades:BTC "userFills:$one"
check 'plan fails if a feed does not fit' expect 1 plan --limit connections=1 "orderUpdates:$one" "orderUpdates:$two"
check 'plan fails if a feed can never fit' expect 1 plan --limit users=0 "userFills:$one"
check 'plan refuses an unknown limit' expect 64 plan --limit wishes=3 trades:BTC
check 'feeds prints a table' expect 0 feeds
check 'feeds prints JSON' expect 0 feeds --json
check '--version prints the version' expect 0 --version
check '--help prints help' expect 0 watch --help
check 'watch stops after a number of events' expect 0 watch --simulator --count 3 trades:BTC
check 'watch stops after a time' expect 0 watch --simulator --for 1 bbo:BTC trades:BTC allMids
check 'watch prints raw messages' expect 0 watch --simulator --format raw --count 2 bbo:BTC
check 'watch prints rows instead of a table without a terminal' expect 0 watch --simulator --table --count 2 bbo:BTC
check 'watch uses the isolated policy' expect 0 watch --simulator --policy isolated --count 5 bbo:BTC l2Book:BTC trades:ETH
check 'watch fails if nothing listens at the URL' expect 1 watch --url ws://127.0.0.1:9/ws --for 1 trades:BTC

json() { # EXPRESSION over `lines`, the objects of standard output
    python3 - "$folder/out" "$1" <<'EOF'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert eval(sys.argv[2]), "\n".join(json.dumps(line)[:200] for line in lines[-4:])
EOF
}
json_of() { expect "$1" "${@:3}" && json "$2"; }
form='all(type(l["subscription"]) is str and type(l["received_ns"]) is int and "event" in l and "type" in l["feed"] for l in lines[:-1]) and lines[-1]["kind"] == "summary"'
check 'watch prints JSON lines' json_of 0 "len(lines) == 6 and $form" watch --simulator --format json --count 5 trades:BTC bbo:ETH
summary='[set(c) >= {"connection", "kind", "state", "endpoint", "feeds", "why"} for c in lines[-1]["connections"]] == [True]'
check 'the summary names connections' json_of 0 "$summary" watch --simulator --format json --count 1 bbo:BTC
plan='[set(c) == {"connection", "endpoint", "kind", "feeds", "why"} for c in lines[0]["connections"]] == [True]'
check 'a plan names connections' json_of 0 "$plan" plan --json bbo:BTC trades:BTC
check 'JSON lines have the present time' json_of 0 'all(abs(l["received_ns"] / 1e9 - __import__("time").time()) < 60 for l in lines[:-1])' \
    watch --simulator --format json --count 3 bbo:ETH
check 'JSON lines show the user as it was given' json_of 0 'lines[0]["feed"]["user"] == "0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD"' \
    watch --simulator --format json --count 1 userFills:0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD
check 'JSON lines report that every feed failed' json_of 1 'lines[-1]["kind"] == "summary" and lines[0]["kind"] == "ended"' \
    watch --simulator --format json --for 20 trades:NOSUCHCOIN
check 'a failed feed does not stop the others' json_of 1 \
    'any(l["kind"] == "ended" for l in lines) and any(l["kind"] == "update" for l in lines) and lines[-1]["kind"] == "summary"' \
    watch --simulator --format json --for 20 trades:NOSUCHCOIN bbo:BTC
check 'the summary has every feed that an event came from' json_of 0 \
    '{l["feed"]["coin"] for l in lines[:-1]} <= {s["feed"]["coin"] for s in lines[-1]["subscriptions"]}' \
    watch --simulator --format json --count 3 bbo:BTC l2Book:BTC bbo:ETH l2Book:ETH bbo:SOL l2Book:SOL
check 'a misspelt coin is refused with the nearest one' expect_words 1 "did you mean 'BTC'" watch --simulator --for 20 trades:btc
check 'an unchecked coin is refused by the exchange' expect_words 1 'closes the connection' \
    watch --simulator --unchecked-coins --for 30 trades:NOSUCHCOIN
check 'a pair is watched by its readable name' json_of 0 'lines[0]["feed"]["coin"] == "HYPE/USDC"' \
    watch --simulator --format json --count 1 bbo:HYPE/USDC
# Feeds of every coin that has a pattern.
check 'a pattern is watched' json_of 0 'len(lines) == 21 and all(l["feed"]["coin"].startswith("xyz:") for l in lines[:-1])' \
    watch --simulator --format json --count 20 'bbo:xyz:*'
check 'how many a pattern has is told' expect_words 0 'bbo:xyz:\*: 14 subscriptions, all placed on 1 connection' \
    watch --simulator --count 1 'bbo:xyz:*'
check 'a pattern that no coin has fails' expect_words 1 'no listed coin' watch --simulator --for 20 'bbo:qq*'
check 'a pattern with a wrong parameter is refused' expect_words 64 'significant figures' watch --simulator 'l2Book:*,nSigFigs=9'
check 'a pattern is planned' json_of 0 'len(lines[0]["connections"][0]["feeds"]) == 14' plan --simulator --json 'bbo:xyz:*'
check 'planning a pattern needs a network' expect_words 64 'Choose a network to learn' plan 'bbo:*'
limited='len(lines[0]["unplaced"]) == 4 and lines[0]["unplaced"][0]["limit"] == "subscriptions"'
check 'a plan tells what of a pattern has no place' json_of 1 "$limited" \
    plan --simulator --json --limit subscriptions=10 'bbo:xyz:*'
printf '{"op":"add","feed":{"type":"bbo","coin":"xyz:*"}}\n{"op":"remove","feed":{"type":"bbo","coin":"xyz:GOLD"}}\n' > "$folder/changes"
trace_of_pattern() {
    timeout 60 "$program" plan --simulator --json --trace - < "$folder/changes" > "$folder/out" 2> "$folder/err" &&
        json '[len(l["connections"][0]["feeds"]) for l in lines] == [14, 13]'
}
check 'a pattern is planned in a trace' trace_of_pattern
check 'people read the names of pairs' expect 0 watch --simulator --format pretty --count 1 'bbo:@107'
has_name() { grep -q 'bbo HYPE/USDC' "$folder/out" || { cat "$folder/out"; return 1; }; }
check 'the summary for people has the name of a pair' has_name

# What a shell offers, in the words that it makes of the command line: bash makes words of colons.
completes() { # SHELL INDEX CURSOR EXPECTED WORD...
    local shell=$1 index=$2 cursor=$3 expected=$4
    shift 4
    local got
    got=$(SAP_SHELL=$shell SAP_SHELL_VERSION=5 "$program" ---completion watch -- positional@0 "$index" "$cursor" \
        hyperliquid watch --simulator "$@" | grep -v '^ *$' | tr '\n' ' ')
    [ "$got" = "$expected" ] || { printf 'offered: %s\n' "$got"; return 1; }
}
check 'fish completes a type' completes fish 3 4 'trades ' trad
check 'fish completes a coin' completes fish 3 12 'trades:xyz:SP500 trades:xyz:SILVER ' trades:xyz:S
check 'zsh completes a coin' completes zsh 3 11 'trades\:HYPE trades\:HYPER trades\:HYPE/USDC ' trades:HYPE
check 'bash completes a coin' completes bash 7 1 'SP500 SILVER ' trades : xyz : S
check 'bash completes a coin behind other feeds' completes bash 7 6 'HYPE/USDC ' bbo:BTC allMids trades : HYPE/U
check 'a user is not completed' completes fish 3 11 '' userFills:0

check 'JSON lines report that nothing listens at the URL' json_of 1 'lines[-1]["kind"] == "summary" and lines[0]["event"]["code"] == "timedOut"' \
    watch --url ws://127.0.0.1:9/ws --format json --for 1 trades:BTC
doctor='type(lines[0]) is list and all(c["ok"] for c in lines[0]) and len(lines[0]) > 30'
check 'doctor passes all checks against the simulator' json_of 0 "$doctor" doctor --simulator --json
check 'doctor fails if nothing listens at the URL' expect 1 doctor --url ws://127.0.0.1:9/ws

# The end of a watch.
head_ends() {
    timeout 30 "$program" watch --simulator bbo:BTC 2> "$folder/err" | head -n 1 > "$folder/out"
    local got=${PIPESTATUS[0]}
    [ "$got" = 0 ] && [ ! -s "$folder/err" ] || { printf 'exit %s\n' "$got"; cat "$folder/err"; return 1; }
}
check 'watch ends quietly if the reader of its output closes it' head_ends
full_disk() { timeout 30 "$program" watch --simulator bbo:BTC > /dev/full 2> "$folder/err"; [ $? = 1 ] && says 'No space'; }
check 'watch reports a full disk' full_disk
ended_by() { # SIGNAL
    : > "$folder/out"
    "$program" watch --simulator --format json bbo:BTC > "$folder/out" 2> "$folder/err" &
    local process=$!
    for _ in $(seq 200); do [ -s "$folder/out" ] && break; sleep 0.05; done
    kill "-$1" "$process"
    wait "$process"
    local got=$?
    [ "$got" = 0 ] && json "$form" || { printf 'exit %s\n' "$got"; return 1; }
}
check 'watch ends with a summary on SIGINT' ended_by INT
check 'watch ends with a summary on SIGTERM' ended_by TERM

exit $failed
