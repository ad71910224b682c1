#!/usr/bin/env bash
# Feeds a part that reads bytes with made-up ones for a while:
# scripts/fuzz.sh reader|decoders|inflater|decimal|frames|all SECONDS
#
# Each run starts from the kept corpus and adds what it learns under .build/fuzz; an input that breaks a rule stays
# in .build/fuzz/findings and the script fails. `all 10` is a smoke run; let one run for an hour to look for more.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:?name a target, or all}
seconds=${2:?say for how many seconds}
build=.build/fuzz
zlib=
[ ! -e /usr/include/zlib.h ] || zlib='-D HAS_ZLIB -I Fuzz/CZlib'
mkdir -p "$build/findings"

# One program for all targets, made again when a source is newer. What the linker says of the sanitizer's own
# symbols is no concern of ours.
compile() {
    local sources
    sources=$(find Fuzz Sources/HyperliquidWire -name '*.swift')
    # Of the transport, what reads frames; and its plain twin, which the tests have.
    sources+=" $(printf 'Sources/WebSocketTransport/%s.swift ' FrameHeader MessageAssembler UTF8Check)"
    sources+=" $(printf 'Tests/WebSocketTransportTests/Support/%s.swift ' Heard PlainTwin RawFrame)"
    [ ! -e "$build/fuzz" ] || [ -n "$(find $sources scripts/fuzz.sh -newer "$build/fuzz")" ] || return 0
    # shellcheck disable=SC2086
    swiftc $sources -emit-executable -o "$build/fuzz" -emit-module-path "$build/Fuzz.swiftmodule" \
        -module-name Fuzz -package-name swift-hyperliquid -parse-as-library -wmo -O -assert-config Debug -g \
        -sanitize=fuzzer,address -swift-version 6 $zlib \
        -enable-experimental-feature Lifetimes -enable-upcoming-feature ExistentialAny \
        -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility \
        >"$build/compiler.log" 2>&1 || { grep -v 'Cannot export local symbol' "$build/compiler.log"; return 1; }
}

run() { # target
    local name=$1
    if [ "$name" = inflater ] && [ -z "$zlib" ]; then
        printf '%s: left out, zlib is not here\n' "$name"
        return 0
    fi
    mkdir -p "$build/corpus/$name"
    # Without the runtime's own backtraces, which would stop the run in the middle of a report.
    FUZZ_TARGET=$name SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 \
        "$build/fuzz" "$build/corpus/$name" "Fuzz/Corpus/$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
        -artifact_prefix="$build/findings/$name-" </dev/null >"$build/$name.out" 2>&1 || {
        grep -E 'Fatal error|SUMMARY|Test unit written' "$build/$name.out" || tail -n 40 "$build/$name.out"
        return 1
    }
    printf '%s: %s\n' "$name" "$(grep -E 'DONE' "$build/$name.out")"
}

compile
if [ "$target" = all ]; then
    for name in reader decoders inflater decimal frames; do run "$name"; done
else
    run "$target"
fi
