#!/usr/bin/env bash
# Installs the build in $1 into a scratch prefix, builds tests_hw/consumer against it with generator Ninja, and runs it.
set -euo pipefail
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
cmake -G Ninja -S "$source" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix" >/dev/null
cmake --build "$scratch/build" >/dev/null
"$scratch/build/consumer"
RACKPROOF_PROFILES= "$scratch/prefix/bin/rackproof" profile list
