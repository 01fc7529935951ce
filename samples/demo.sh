#!/bin/sh
# Streams a game for two to browsers: installs what is missing, builds, starts, prints the link to open.
set -eu
cd "$(dirname "$0")/.."

usage() {
    cat <<'EOT'
usage: samples/demo.sh [options]

  --scene NAME        game: air hockey for two (default); test: a moving picture with viewers' pointers and keys
  --size WxH          picture size (default 1280x720)
  --fps N             frames a second (default 60)
  --bitrate KBPS      where the sender starts and its cap, in kbit/s (default 8000)
  --encoder NAME      try this encoder first: libx264, openh264, h264_nvenc, ... (default auto)
  --port N            port of the page (default 8080; 0 takes a free one)
  --address A         address to listen on (default 127.0.0.1; others need the token in the link)
  --url URL           also meet viewers through this Unity Render Streaming signaling server
  --seconds N         stop after N seconds (default: until Ctrl-C)
  --help              this text

Open the printed link in two browsers; press a key, click or touch to play, with keys (WASD or arrows), mouse, finger or
gamepad; Escape leaves the game to the next one. Whoever else opens the link watches. Sound begins with its button.
EOT
}

size=1280x720 fps=60 bitrate=8000 port=8080
set_extra() { extra="$extra $1 '$(printf %s "$2" | sed "s/'/'\\\\''/g")'"; }
extra=
while [ $# -gt 0 ]; do
    case $1 in
        --help|-h) usage; exit 0 ;;
        --scene|--size|--fps|--bitrate|--encoder|--port|--address|--url|--seconds)
            [ $# -ge 2 ] || { echo "error: $1 needs a value" >&2; usage >&2; exit 2; }
            case $1 in
                --scene) case $2 in game|test) set_extra "$1" "$2" ;; *) echo "error: --scene is game or test" >&2; exit 2 ;; esac ;;
                --size) size=$2 ;; --fps) fps=$2 ;; --bitrate) bitrate=$2 ;; --port) port=$2 ;;
                *) set_extra "$1" "$2" ;;
            esac
            shift 2 ;;
        *) echo "error: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
done

. samples/setup.sh
setup_build
say "building (the first time takes some minutes)"
build_library
build_host
eval "exec $built/c-host --size '$size' --fps '$fps' --bitrate '$bitrate' --port '$port' $extra"
