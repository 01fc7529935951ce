#!/bin/sh
# Builds the release's artefacts as tests can afford it (a debug build), and takes them as who gets them would:
# sums, archives, bill of materials, the library loaded from its folder, with FFmpeg's beside it.
set -eu
cd "$(dirname "$0")/.."
export RENDERCAST_PROFILE=${RENDERCAST_PROFILE:-dev} RENDERCAST_BUILD_ALL=1
. samples/setup.sh
out=target/package-test
rm -rf "$out"
bindings/package.sh "$out/release" > "$out.list" || { cat "$out.list"; exit 1; }
python=python3
# The bill against CycloneDX's own schema, where its validator can be had.
if [ -x target/python/bin/python ] || python3 -m venv target/python; then
    target/python/bin/python -c 'import cyclonedx.validation.json, jsonschema' 2>/dev/null ||
        target/python/bin/pip install --quiet 'cyclonedx-python-lib[json-validation]' || true
    python=target/python/bin/python
fi
"$python" tests/package/check.py "$out/release" "$out/unpacked"
