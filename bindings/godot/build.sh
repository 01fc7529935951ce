#!/bin/sh
# Builds the native library of the Godot add-on for this system and puts it into addons/rendercast/bin.
# build.sh [--release] [--into PROJECT]
#   --release       optimized at link time, as it is shipped; otherwise all but that, which takes less time
#   --into PROJECT  copies the whole add-on into a Godot project's folder `addons`
set -eu
cd "$(dirname "$0")"
profile=${RENDERCAST_PROFILE:-quick} into=
while [ $# -gt 0 ]; do
    case $1 in
        --release) profile=release; shift ;;
        --into) into=${2:?--into needs the folder of a project}; shift 2 ;;
        --help) sed -n 2,5p "$0"; exit 0 ;;
        *) echo "error: $1 is not known; see --help" >&2; exit 2 ;;
    esac
done
if [ -n "$into" ]; then
    case $into in /*) ;; *) into=${OLDPWD:-.}/$into ;; esac
    [ -f "$into/project.godot" ] || { echo "error: no project.godot in $into" >&2; exit 2; }
fi
export RENDERCAST_PROFILE="$profile"
. ../../samples/setup.sh
setup_build
if [ -n "${RENDERCAST_BUILD_ALL:-}" ]; then build_all; else cargo build --locked --profile "$profile" --package rendercast-godot; fi
case $(uname -s) in
    Linux) file=librendercast_godot.so system=linux.$(uname -m | sed 's/aarch64/arm64/') ;;
    Darwin) file=librendercast_godot.dylib system=macos ;;
    *) file=rendercast_godot.dll system=windows.x86_64 ;;
esac
bin=addons/rendercast/bin/$system
mkdir -p "$bin"
# In place of the old one, not into it: a game that runs has that one mapped.
cp "../../$built/$file" "$bin/$file.new"
mv "$bin/$file.new" "$bin/$file"
say "built bindings/godot/$bin/$file"
if [ -n "$into" ]; then
    mkdir -p "$into/addons/rendercast" "$into/.godot"
    cp -R addons/rendercast/. "$into/addons/rendercast/"
    # Without this list a first run does not know the classes, and the first import crashes (godot#111048).
    list=$into/.godot/extension_list.cfg extension=res://addons/rendercast/rendercast.gdextension
    grep -qsF "$extension" "$list" || echo "$extension" >> "$list"
    say "the add-on is in $into/addons/rendercast"
fi
