#!/bin/sh
# Builds the package with libraries of every system and checks what Unity would find: a .meta beside everything, no identity twice,
# no orphans, each library on its own system only, and the archive's form.
set -eu
cd "$(dirname "$0")/../.."
work=$PWD/target/unity-test/package
rm -rf "$work"
mkdir -p "$work"
for library in librendercast.so rendercast.dll librendercast.dylib; do echo "not a library" > "$work/$library"; done
RENDERCAST_UNITY_OUT=$work/out bindings/unity/build-package.sh "$work/librendercast.so" "$work/rendercast.dll" "$work/librendercast.dylib" > "$work/said"
package=$(head -n 1 "$work/said")
archive=$(tail -n 1 "$work/said")
bad=0
fail() { printf 'FAILED package: %s\n' "$*" >&2; bad=1; }

cd "$package"
find . -mindepth 1 -not -path '*~*' -not -name '*.meta' | while read -r asset; do [ -e "$asset.meta" ] || echo "no .meta: $asset"; done > "$work/problems"
find . -name '*.meta' | while read -r meta; do [ -e "${meta%.meta}" ] || echo "orphan: $meta"; done >> "$work/problems"
find . -name '*.meta' -exec sed -n 's/^guid: //p' {} + | sort | uniq -d >> "$work/problems"
[ ! -s "$work/problems" ] || fail "$(cat "$work/problems")"
[ ! -e build-package.sh ] || fail "the script is in the package"
# library, its system in the editor, its player
check() {
    meta=Runtime/Plugins/$1.meta
    [ "$(grep -c 'enabled: 1' "$meta")" = 2 ] || fail "$meta: enabled elsewhere than in the editor and one player"
    grep -q "OS: $2" "$meta" || fail "$meta: the editor's system"
    grep -A 2 "Standalone: $3\$" "$meta" | grep -q 'enabled: 1' || fail "$meta: the player"
    grep -q 'isPreloaded: 1' "$meta" || fail "$meta: not preloaded"
}
check x86_64/librendercast.so Linux Linux64
check x86_64/rendercast.dll Windows Win64
check macOS/librendercast.dylib OSX OSXUniversal
tar -tzf "$archive" | grep -qx 'package/package.json' || fail "the archive has no package/package.json"
[ "$bad" = 0 ] && echo "the package is whole" >&2
exit "$bad"
