#!/usr/bin/env bash
# Uses the command line as a hostile user would, against the simulated exchange: exit codes, output forms, ends.
# Usage: scripts/check-cli.sh [PATH OF hyperliquid]   (the debug build by default)
set -uo pipefail
cd "$(dirname "$0")/.."
program=${1:-.build/debug/hyperliquid}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$folder"' EXIT
failed=0

check() { # WHAT, then a command that must succeed
    local what=$1
    shift
    if "$@" > "$folder/check" 2>&1; then
        printf 'ok      %s\n' "$what"
    else
        printf 'FAILED  %s\n' "$what"
        sed 's/^/        /' "$folder/check" | head -n 20
        failed=1
    fi
}

# Runs the program; its output is in out and err, and its exit status must be the first argument.
expect() { # STATUS ARGUMENT...
    local status=$1
    shift
    timeout 60 "$program" "$@" > "$folder/out" 2> "$folder/err"
    local got=$?
    [ "$got" = "$status" ] || { printf 'exit %s instead of %s\n' "$got" "$status"; tail -n 5 "$folder/err"; return 1; }
}
says() { grep -qE -- "$1" "$folder/err" || { printf 'does not say: %s\n' "$1"; cat "$folder/err"; return 1; }; }
expect_words() { expect "$1" "${@:3}" && says "$2"; }

# What bad command lines get: 64, and what would be right.
check 'no place' expect_words 64 '--simulator' watch trades:BTC
check 'two places' expect_words 64 'only one' watch --simulator --network mainnet trades:BTC
check 'no feed' expect_words 64 'feeds' watch --simulator
check 'an unknown feed' expect_words 64 'use one of' watch --simulator tradez:BTC
check 'a missing coin' expect_words 64 'coin' watch --simulator trades
check 'a bad user' expect_words 64 'hexadecimal' watch --simulator userFills:0x12
check 'a bad interval' expect_words 64 'interval' watch --simulator candle:BTC,interval=2m
check 'a refused feed' expect_words 64 'webData3' watch --simulator webData2:0x1111111111111111111111111111111111111111
check 'a bad address' expect_words 64 'ws://' watch --url http://127.0.0.1 trades:BTC
check 'an address without a host' expect_words 64 'host' watch --url ws:// trades:BTC
check 'a bad count' expect_words 64 'count' watch --simulator --count 0 trades:BTC
check 'a count that is no number' expect_words 64 'count' watch --simulator --count many trades:BTC
check 'a bad time' expect_words 64 'for' watch --simulator --for 0 trades:BTC
check 'a table of JSON' expect_words 64 'pretty' watch --simulator --table --format json trades:BTC
check 'a seed without a simulator' expect_words 64 'seed' watch --network mainnet --seed 3 trades:BTC
check 'an unknown option' expect_words 64 'bogus' watch --simulator --bogus trades:BTC
check 'a failed name in the feeds command' expect_words 64 'what' feeds what

# What is right.
one=0x1111111111111111111111111111111111111111
two=0x2222222222222222222222222222222222222222
check 'a plan' expect 0 plan trades:BTC l2Book:BTC l2Book:BTC,nSigFigs=5 "orderUpdates:$one" "orderUpdates:$two"
check 'a plan as JSON' expect 0 plan --json --policy isolated trades:BTC "userFills:$one"
check 'a plan that does not fit' expect 1 plan --limit connections=1 "orderUpdates:$one" "orderUpdates:$two"
check 'a plan that can never fit' expect 1 plan --limit users=0 "userFills:$one"
check 'a plan with an unknown limit' expect 64 plan --limit wishes=3 trades:BTC
check 'feeds' expect 0 feeds
check 'feeds as JSON' expect 0 feeds --json
check 'the version' expect 0 --version
check 'help' expect 0 watch --help
check 'a count' expect 0 watch --simulator --count 3 trades:BTC
check 'a time' expect 0 watch --simulator --for 1 bbo:BTC trades:BTC allMids
check 'raw messages' expect 0 watch --simulator --format raw --count 2 bbo:BTC
check 'a table that is no terminal' expect 0 watch --simulator --table --count 2 bbo:BTC
check 'the isolated policy' expect 0 watch --simulator --policy isolated --count 5 bbo:BTC l2Book:BTC trades:ETH
check 'nobody listens' expect 1 watch --url ws://127.0.0.1:9/ws --for 1 trades:BTC

json() { # EXPRESSION over `lines`, the objects of standard output
    python3 - "$folder/out" "$1" <<'EOF'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert eval(sys.argv[2]), "\n".join(json.dumps(line)[:200] for line in lines[-4:])
EOF
}
json_of() { expect "$1" "${@:3}" && json "$2"; }
form='all(type(l["subscription"]) is str and type(l["received_ns"]) is int and "event" in l and "type" in l["feed"] for l in lines[:-1]) and lines[-1]["kind"] == "summary"'
check 'JSON lines' json_of 0 "len(lines) == 6 and $form" watch --simulator --format json --count 5 trades:BTC bbo:ETH
check 'JSON times' json_of 0 'all(abs(l["received_ns"] / 1e9 - __import__("time").time()) < 60 for l in lines[:-1])' \
    watch --simulator --format json --count 3 bbo:ETH
check 'the user as it was given' json_of 0 'lines[0]["feed"]["user"] == "0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD"' \
    watch --simulator --format json --count 1 userFills:0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD
check 'JSON when every feed fails' json_of 1 'lines[-1]["kind"] == "summary" and lines[0]["kind"] == "ended"' \
    watch --simulator --format json --for 20 trades:NOSUCHCOIN
check 'a failed feed among good ones' json_of 1 \
    'any(l["kind"] == "ended" for l in lines) and any(l["kind"] == "update" for l in lines) and lines[-1]["kind"] == "summary"' \
    watch --simulator --format json --for 20 trades:NOSUCHCOIN bbo:BTC
check 'JSON when nobody listens' json_of 1 'lines[-1]["kind"] == "summary" and lines[0]["event"]["code"] == "timedOut"' \
    watch --url ws://127.0.0.1:9/ws --format json --for 1 trades:BTC
doctor='type(lines[0]) is list and all(c["ok"] for c in lines[0]) and len(lines[0]) > 30'
check 'the doctor is content' json_of 0 "$doctor" doctor --simulator --json
check 'the doctor says what to do' expect 1 doctor --url ws://127.0.0.1:9/ws

# Ends.
head_ends() {
    timeout 30 "$program" watch --simulator bbo:BTC 2> "$folder/err" | head -n 1 > "$folder/out"
    local got=${PIPESTATUS[0]}
    [ "$got" = 0 ] && [ ! -s "$folder/err" ] || { printf 'exit %s\n' "$got"; cat "$folder/err"; return 1; }
}
check 'a reader that leaves ends it quietly' head_ends
full_disk() { timeout 30 "$program" watch --simulator bbo:BTC > /dev/full 2> "$folder/err"; [ $? = 1 ] && says 'No space'; }
check 'a full disk is told' full_disk
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
check 'Ctrl-C ends it in order' ended_by INT
check 'SIGTERM ends it in order' ended_by TERM

exit $failed
