#!/bin/bash
# Counts instructions and allocations a message with callgrind, as the difference of a longer and a shorter run, so
# that the process' start is left out; fails when a count is over its threshold in thresholds.txt.
# Needs valgrind; `swift build -c release` and Peers/install.sh come first. A mix's name as argument runs it alone.
# With --scale it is thresholds-scale.txt:
# `wide/COINS/LINKS` is the best prices of so many coins over so many connections, `bbo/CONSUMERS` one feed with so
# many subscribers, counted by the delivery.
set -e
thresholds=thresholds.txt
[ "$1" = --scale ] && thresholds=thresholds-scale.txt && shift
cd "$(dirname "$0")"
export RIG_COINS="$(tr '\n' ' ' < Peers/coins.txt)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Valgrind cannot read the newest debugging information; names of functions stay.
strip -g -o "$work/throughput" .build/release/throughput

# Dictionaries hash the same way in each run.
export SWIFT_DETERMINISTIC_HASHING=1

# profile MODE MIX COUNT: instructions, and calls of malloc and swift_allocObject
profile() {
    IFS=/ read -r mix first links <<< "$2"
    expected=1
    each=$3
    case $2 in
    mixed) expected=535 ;;
    wide/*)
        RIG_COINS="$(seq -f COIN%g "$first" | tr '\n' ' ')"
        export RIG_COINS RIG_LINKS=$links
        expected=$((first / links))
        each=$(($3 / links))
        ;;
    bbo/*)
        export RIG_CONSUMERS=$first
        each=$(($3 / first))
        ;;
    esac
    # Else the port of the server before it could be read, before this one has emptied the file.
    rm -f "$work/server"
    Peers/.build/feed-server 0 "$each" --expect "$expected" --close 0 > "$work/server" &
    server=$!
    until grep -qs 'ready [0-9]' "$work/server"; do sleep 0.1; done
    port=$(awk '/ready/ { print $2 }' "$work/server")
    valgrind --tool=callgrind --callgrind-out-file="$work/out" "$work/throughput" --mode "$1" \
        "ws://127.0.0.1:$port/ws" "$mix" "$3" > "$work/line" 2> "$work/log" ||
        { cat "$work/line" >&2; kill $$; }
    kill "$server"
    wait "$server" 2> /dev/null || true
    instructions=$(awk '/Collected/ { print $4 }' "$work/log")
    callgrind_annotate --tree=caller --inclusive=yes --threshold=100 "$work/out" > "$work/tree" 2> /dev/null || true
    echo "$instructions $(calls malloc) $(calls swift_allocObject)"
}

# calls NAME: how often a function was called
calls() {
    awk -v name=":$1( |\$)" '
        /</ { if (match($0, /\([0-9,]+x\)/)) { n = substr($0, RSTART + 1, RLENGTH - 3); gsub(",", "", n); sum += n }; next }
        / [*] / { if ($0 ~ name) { total += sum }; sum = 0; next }
        /^--/ || /^$/ { sum = 0 }
        END { print total + 0 }' "$work/tree"
}

status=0
printf '%-13s %-9s %14s %10s %14s\n' mix mode instructions malloc allocObject
while read -r mix mode short long limit; do
    case $mix in '#'* | '') continue ;; esac
    [ -n "$1" ] && [ "$1" != "$mix" ] && continue
    read -r i1 m1 a1 <<< "$(profile "$mode" "$mix" "$short")"
    read -r i2 m2 a2 <<< "$(profile "$mode" "$mix" "$long")"
    frames=$((long - short))
    each=$(((i2 - i1) / frames))
    printf '%-13s %-9s %14d %10s %14s' "$mix" "$mode" "$each" \
        "$(awk "BEGIN { printf \"%.2f\", ($m2 - $m1) / $frames + 0.001 }")" \
        "$(awk "BEGIN { printf \"%.2f\", ($a2 - $a1) / $frames + 0.001 }")"
    if [ "$each" -gt "$limit" ]; then
        printf '  over %d' "$limit"
        status=1
    fi
    echo
done < "$thresholds"
exit $status
