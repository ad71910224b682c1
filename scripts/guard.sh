#!/usr/bin/env bash
# Holds behaviour still while code is restructured: records what must not change, and compares after each step.
#
#   scripts/guard.sh record            before the restructuring: writes .build/guard/before
#   scripts/guard.sh check             after a step: writes .build/guard/after and compares the two
#   scripts/guard.sh check 40          the same for the first 40 seeds of each kind only
#   scripts/guard.sh story KIND SEED   one seed's inputs and effects, in .build/guard/story (KIND: single, reads, pair, handover)
#
# Recorded are the journals of 2,520 seeds of the world (a digest of every input and effect, in order, with ids and
# times), the plans of 300 seeds of check-plan.py, and the events of all fixtures. Journals are written in words of
# their own (Tests/SimulatedWorld/JournalText.swift); for the plans, words_renamed says which words have changed.
set -euo pipefail
cd "$(dirname "$0")/.."

words_renamed() {
    sed -E -e 's/"lane"/"connection"/g; s/"lanes"/"connections"/g; s/\blane ([0-9])/connection \1/g' \
        -e 's/(connection [0-9]+) carries the ([0-9]+) that it may/\1 is full with \2 feeds/g' \
        -e 's/(connection [0-9]+) carries feeds of the ([0-9]+) users that it may/\1 is full with the feeds of \2 users/g' \
        -e 's/is full with 1 feeds/is full with 1 feed/g; s/the feeds of 1 users/the feeds of 1 user/g' \
        -e 's/opened for feeds that have left; nothing forces these to move/this connection was opened for feeds that have ended; its present feeds need not move/g' \
        -e 's/load is spread over the connections there are/the feeds are spread over all connections in use/g' \
        -e 's/what it tries may have killed its connection: it is tried alone/one feed is tried alone here, because it may have killed an earlier connection/g' \
        -e "s/their messages can be told apart, so/the feeds' messages can be told apart, so/g" \
        -e 's/more kept to spare/more kept as a spare/g; s/none that is in use takes it/no connection in use takes the feed/g' \
        -e "s/and its messages look like those of/and the feed's messages look like those of/g" \
        -e 's/leave one of these out/leave out one of these feeds/g; s/leave other feeds out/leave out other feeds/g' \
        -e 's/([0-9]+) are allowed, and all are in use/the limit of \1 is used up/g' \
        -e "s/leave another user's feeds out/leave out all feeds of another user/g; s/raise (connections|subscriptions|users)\\b/raise the limit \\1/g" \
        -e 's/none is allowed, so it can never be asked for/the limit is 0, so the feed can never be asked for/g' \
        -e 's/its old connection no longer takes it/the old connection no longer takes the feed/g; s/makes ro[o]m for/makes space for/g'
}

record() { # folder
    rm -rf "$1"
    mkdir -p "$1"
    HYPERLIQUID_RECORD="$PWD/$1" swift test --filter 'JournalRecordingTests|FixtureRecordingTests' >"$1.log" 2>&1 ||
        { tail -n 30 "$1.log"; exit 1; }
    cat "$1"/journals-*.txt | sort -k1,1 -k2,2n >"$1/journals.txt"
    rm "$1"/journals-*.txt
    scripts/check-plan.py --seeds "${PLAN_SEEDS:-300}" --seconds 600 --record "$1/plans.txt"
}

compare() { # before after name
    if cmp -s "$1" "$2"; then
        printf 'same: %s (%s lines)\n' "$3" "$(wc -l <"$2")"
    else
        printf 'CHANGED: %s\n' "$3"
        diff "$1" "$2" | head -n 6 | cut -c1-300
        return 1
    fi
}

case "${1:-}" in
record) record .build/guard/before ;;
check)
    if [ -n "${2:-}" ]; then export HYPERLIQUID_SEEDS=$2 PLAN_SEEDS=$2; fi
    record .build/guard/after
    before=.build/guard/before
    failed=0
    if [ -n "${2:-}" ]; then
        awk -v most="$2" '$2 <= most' $before/journals.txt >$before-part-journals.txt
        compare $before-part-journals.txt .build/guard/after/journals.txt journals || failed=1
    else
        compare $before/journals.txt .build/guard/after/journals.txt journals || failed=1
        words_renamed <$before/plans.txt >$before-plans.txt
        compare $before-plans.txt .build/guard/after/plans.txt plans || failed=1
    fi
    compare $before/fixtures.txt .build/guard/after/fixtures.txt fixtures || failed=1
    exit $failed
    ;;
story)
    mkdir -p .build/guard/story
    HYPERLIQUID_RECORD="$PWD/.build/guard/story" HYPERLIQUID_SEED=$3 swift test --filter JournalRecordingTests >/dev/null
    ls .build/guard/story/story-"$2-$3".txt
    ;;
*)
    sed -n '2,12p' "$0"
    exit 64
    ;;
esac
