#!/bin/sh
# Makes the package that Unity installs: this folder, the native libraries, and a .meta for each of these.
# build-package.sh [LIBRARY...]: librendercast.so, rendercast.dll or librendercast.dylib; without any, those of target/release.
# RENDERCAST_NOTICES names a file with the licences of what is linked into them, which goes along.
# Writes target/unity/com.rendercast.streaming (Package Manager, "Add package from disk") and a .tgz beside it ("from tarball").
set -eu
cd "$(dirname "$0")/../.."
out=${RENDERCAST_UNITY_OUT:-target/unity}
name=com.rendercast.streaming
version=$(sed -n 's/.*"version": "\(.*\)",/\1/p' bindings/unity/package.json)
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

if [ $# -eq 0 ]; then
    for file in librendercast.so rendercast.dll librendercast.dylib; do
        [ ! -e "target/release/$file" ] || set -- "$@" "target/release/$file"
    done
    [ $# -gt 0 ] || die "no library in target/release: cargo rustc --release --lib --crate-type cdylib, or name one"
fi
rm -rf "$out/$name"
mkdir -p "$out/$name"
cp -R bindings/unity/. "$out/$name/"
rm "$out/$name/build-package.sh" "$out/$name/build-package.sh.meta"
plugins=$out/$name/Runtime/Plugins

# folder_meta FOLDER GUID
folder_meta() {
    mkdir -p "$1"
    printf 'fileFormatVersion: 2\nguid: %s\nfolderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n' \
        "$2" > "$1.meta"
}

# library_meta FILE GUID EDITOR_OS EDITOR_CPU STANDALONE STANDALONE_CPU: enabled on one system only. Preloaded, because the library must be
# there before Unity makes its graphics device.
library_meta() {
    {
        printf 'fileFormatVersion: 2\nguid: %s\nPluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n' "$2"
        printf '  executionOrder: {}\n  defineConstraints: []\n  isPreloaded: 1\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n'
        printf '  validateReferences: 1\n  platformData:\n'
        printf '  - first:\n      : Any\n    second:\n      enabled: 0\n      settings:\n        Exclude Editor: 0\n'
        for target in Linux64 OSXUniversal Win Win64; do
            [ "$target" = "$5" ] && excluded=0 || excluded=1
            printf '        Exclude %s: %s\n' "$target" "$excluded"
        done
        printf '  - first:\n      Any: \n    second:\n      enabled: 0\n      settings: {}\n'
        printf '  - first:\n      Editor: Editor\n    second:\n      enabled: 1\n      settings:\n        CPU: %s\n' "$4"
        printf '        DefaultValueInitialized: true\n        OS: %s\n' "$3"
        for target in Linux64 OSXUniversal Win Win64; do
            [ "$target" = "$5" ] && enabled=1 cpu=$6 || enabled=0 cpu=None
            printf '  - first:\n      Standalone: %s\n    second:\n      enabled: %s\n      settings:\n        CPU: %s\n' "$target" "$enabled" "$cpu"
        done
        printf '  userData: \n  assetBundleName: \n  assetBundleVariant: \n'
    } > "$1.meta"
}

folder_meta "$plugins" 5b1f1d6cf2a74f0f8a6f52d6f0a9c101
for library in "$@"; do
    [ -e "$library" ] || die "$library does not exist"
    file=$(basename "$library")
    case $file in
        librendercast.so) folder=x86_64 ;;
        rendercast.dll) folder=x86_64 ;;
        librendercast.dylib) folder=macOS ;;
        *) die "$file: not a name that Unity finds the library by" ;;
    esac
    case $folder in
        x86_64) folder_meta "$plugins/x86_64" 5b1f1d6cf2a74f0f8a6f52d6f0a9c102 ;;
        macOS) folder_meta "$plugins/macOS" 5b1f1d6cf2a74f0f8a6f52d6f0a9c103 ;;
    esac
    cp "$library" "$plugins/$folder/$file"
    case $file in
        *.so) library_meta "$plugins/$folder/$file" 5b1f1d6cf2a74f0f8a6f52d6f0a9c104 Linux x86_64 Linux64 x86_64 ;;
        *.dll) library_meta "$plugins/$folder/$file" 5b1f1d6cf2a74f0f8a6f52d6f0a9c105 Windows x86_64 Win64 x86_64 ;;
        *.dylib) library_meta "$plugins/$folder/$file" 5b1f1d6cf2a74f0f8a6f52d6f0a9c106 OSX AnyCPU OSXUniversal AnyCPU ;;
    esac
done
if [ -n "${RENDERCAST_NOTICES:-}" ]; then
    notices="$out/$name/Third Party Notices.md"
    cp "$RENDERCAST_NOTICES" "$notices"
    printf 'fileFormatVersion: 2\nguid: 5b1f1d6cf2a74f0f8a6f52d6f0a9c107\nTextScriptImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n' \
        > "$notices.meta"
fi
# npm's form: everything under package/.
rm -rf "$out/package"
cp -R "$out/$name" "$out/package"
tar -czf "$out/$name-$version.tgz" -C "$out" package
rm -rf "$out/package"
printf '%s\n' "$out/$name" "$out/$name-$version.tgz"
