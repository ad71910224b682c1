#!/bin/sh
# Installs the packages that the peers need, and builds the peers in .build. For Debian 12 or later; needs root for the
# packages.
set -e
cd "$(dirname "$0")"
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    apt-get install -y -qq g++ libboost-dev libsimdjson-dev python3-venv
fi
mkdir -p .build
# Without -march=native, simdjson's on-demand reader is compiled for the oldest processors.
c++ -std=c++17 -O3 -march=native -Wall -o .build/feed-server FeedServer.cpp -lpthread
c++ -std=c++17 -O3 -march=native -Wall -o .build/beast-client BeastClient.cpp -lsimdjson -lpthread
python3 -m venv .build/python
.build/python/bin/pip install --quiet websockets orjson
echo "the peers are ready in $(pwd)/.build"
