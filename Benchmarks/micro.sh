#!/bin/bash
# Counts the instructions of each synchronous part with callgrind, as the difference of COUNT and 2 * COUNT operations.
# Fails if a count is above its threshold in thresholds-micro.txt. Needs valgrind; run `swift build -c release --product
# micro` first. The name of a part as argument runs it alone.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Valgrind cannot read the newest debugging information.
strip -g -o "$work/micro" .build/release/micro

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/micro" "$1" "$2" 2>&1 > /dev/null |
        awk '/Collected/ { print $4 }'
}

# Dictionaries hash the same way in each run.
export SWIFT_DETERMINISTIC_HASHING=1
status=0
printf '%-22s %14s %12s\n' part instructions nanoseconds
while read -r part count limit; do
    case $part in '#'* | '') continue ;; esac
    [ -n "$1" ] && [ "$1" != "$part" ] && continue
    each=$((($(instructions "$part" $((2 * count))) - $(instructions "$part" "$count")) / count))
    printf '%-22s %14d %12s' "$part" "$each" "$("$work/micro" "$part" $((20 * count)) | awk '{ print $4 }')"
    if [ "$each" -gt "$limit" ]; then
        printf '  over %d' "$limit"
        status=1
    fi
    echo
done < thresholds-micro.txt
exit $status
