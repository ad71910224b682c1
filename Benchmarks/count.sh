#!/bin/bash
# Counts instructions and allocations per message with callgrind, as the difference of a longer and a shorter run, so
# that the start of the process is left out. Fails if a count is above its threshold in thresholds.txt.
# Needs valgrind; run `swift build -c release` and Peers/install.sh first. The name of a mix as argument runs it alone.
# With --scale, the mixes are those of thresholds-scale.txt: `wide/COINS/CONNECTIONS` is the best bids and offers of
# that many coins over that many connections; `bbo/SUBSCRIBERS` is one feed with that many subscribers, counted per
# delivery.
set -e
thresholds=thresholds.txt
[ "$1" = --scale ] && thresholds=thresholds-scale.txt && shift
cd "$(dirname "$0")"
export RIG_COINS="$(tr '\n' ' ' < Peers/coins.txt)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Valgrind cannot read the newest debugging information. The names of functions are kept.
strip -g -o "$work/throughput" .build/release/throughput

# Dictionaries hash the same way in each run.
export SWIFT_DETERMINISTIC_HASHING=1

# profile MODE MIX COUNT: prints the instructions, and the calls of malloc and swift_allocObject
profile() {
    IFS=/ read -r mix first connections <<< "$2"
    expected=1
    each=$3
    case $2 in
    mixed) expected=535 ;;
    wide/*)
        RIG_COINS="$(seq -f COIN%g "$first" | tr '\n' ' ')"
        export RIG_COINS RIG_CONNECTIONS=$connections
        expected=$((first / connections))
        each=$(($3 / connections))
        ;;
    bbo/*)
        export RIG_CONSUMERS=$first
        each=$(($3 / first))
        ;;
    esac
    # Otherwise the port of the previous server could be read, before this one has emptied the file.
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

# calls NAME: prints the number of calls of a function
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
