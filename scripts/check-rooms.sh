#!/usr/bin/env bash
# Keeps the rooms apart: who may import whom, and what no room may use. Reads the source; prints each offence.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

offence() {
    printf '%s\n' "$1" >&2
    failed=1
}

# Modules that a room may import, beside the platform's libc where it is guarded.
libc='Darwin|Glibc|Musl|Android'
check_imports() { # folder, allowed modules as a pattern
    local found
    found=$(grep -rnE '^[[:space:]]*(@[a-zA-Z_]+ )*((public|package|internal|private|fileprivate) )?import ' "$1" \
        --include='*.swift' | grep -vE "import ($2)\$" || true)
    [ -z "$found" ] || offence "$1 imports what its room may not know:
$found"
}
# Two rooms are pure: they need no clock and no socket, so no libc either. The one lock is for the table of long texts.
check_imports Sources/HyperliquidWire 'Synchronization'
check_imports Sources/HyperliquidEngine 'HyperliquidWire'
check_imports Sources/WebSocketTransport "NIOCore|NIOPosix|NIOHTTP1|NIOTLS|NIOSSL|NIOConcurrencyHelpers|$libc"
check_imports Sources/Hyperliquid "HyperliquidWire|HyperliquidEngine|WebSocketTransport|NIOCore|NIOPosix|Logging|CoreMetrics|Tracing|ServiceLifecycle|NIOConcurrencyHelpers|Synchronization|$libc"
check_imports Sources/HyperliquidFoundation 'Foundation|HyperliquidWire'
check_imports Sources/HyperliquidSimulator "HyperliquidWire|WebSocketTransport|NIOConcurrencyHelpers|NIOCore|NIOPosix|Synchronization|$libc"
check_imports Sources/HyperliquidCLI "Hyperliquid|HyperliquidEngine|HyperliquidSimulator|ArgumentParser|UnixSignals|Foundation|NIOCore|NIOPosix|WebSocketTransport|Synchronization|$libc"
check_imports Sources/WebSocketConformance 'ArgumentParser|NIOCore|NIOPosix|WebSocketTransport'
# The simulated world joins the client and the exchange, and its command knows nothing else. No room imports them.
check_imports Tests/SimulatedWorld 'Hyperliquid|HyperliquidWire|HyperliquidEngine|HyperliquidSimulator|WebSocketTransport|Synchronization'
check_imports Tests/WorldRunner "SimulatedWorld|ArgumentParser|Synchronization|$libc"

# Every import says how far it is seen.
found=$(grep -rnE '^import ' Sources --include='*.swift' || true)
[ -z "$found" ] || offence "imports without an access level:
$found"

ban() { # what, pattern, folders...
    local what=$1 pattern=$2 found
    shift 2
    found=$(grep -rnE "$pattern" "$@" --include='*.swift' | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true)
    [ -z "$found" ] || offence "$what:
$found"
}
# What needs macOS 26: Array's own spans and the fixed arrays; those of ContiguousArray and ArraySlice are older.
ban 'needs macOS 26' '\bInlineArray\b|\.utf8Span\b' Sources
found=$(grep -rnE '\.(span|mutableSpan)\b' Sources --include='*.swift' | grep -vE 'ContiguousArray|self\.span|ArraySlice' || true)
[ -z "$found" ] || offence "needs macOS 26, unless it is a ContiguousArray's span (then say so on the line):
$found"
ban 'unchecked concurrency' '@unchecked Sendable|nonisolated\(unsafe\)|Task\.detached|^[[:space:]]*Task[[:space:]]*(\(|\{)' Sources
ban 'sleeping' 'Task\.sleep|usleep\(|Thread\.sleep' Sources/HyperliquidWire Sources/HyperliquidEngine \
    Sources/WebSocketTransport Sources/Hyperliquid Sources/HyperliquidSimulator
ban 'a test sleeps' 'Task\.sleep|usleep\(|Thread\.sleep' Tests
found=$(grep -rn 'SimulatedExchange\.start' Tests/HyperliquidTests --include='*.swift' | grep -v '/Addresses\.swift:' || true)
[ -z "$found" ] || offence "may get the address of another test, whose limits hold on (use Addresses.startExchange):
$found"
ban 'a machine reads a clock or chance' 'clock_gettime|ContinuousClock|SuspendingClock|\.random\(|SystemRandomNumberGenerator' \
    Sources/HyperliquidWire Sources/HyperliquidEngine Sources/HyperliquidSimulator/Exchange \
    Sources/HyperliquidSimulator/Market Sources/HyperliquidSimulator/Accounts Sources/HyperliquidSimulator/REST
ban 'the simulated world reads a clock or chance' 'clock_gettime|ContinuousClock|SuspendingClock|SystemRandomNumberGenerator' \
    Tests/SimulatedWorld
ban 'trapping on purpose' 'try!|as! ' Sources Tests
ban 'unfinished work' 'TODO|FIXME|XXX' Sources Tests scripts

# Source files keep to one subject.
while IFS= read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || offence "$file has $lines lines; split it by subject (400 at most)"
done < <(find Sources -name '*.swift')

# Documents name no place outside the project.
found=$(grep -rnF '../shared' README.md CHANGELOG.md CONTRIBUTING.md Sources || true)
[ -z "$found" ] || offence "names a place outside the project:
$found"

[ "$failed" -eq 0 ] && echo 'rooms: each knows only what it may'
exit "$failed"
