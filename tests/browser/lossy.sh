#!/bin/sh
# Runs a command in a network namespace of its own (as root), with an address that a browser takes for a real one.
set -e
if [ "$1" != --inside ]; then
    exec unshare --net "$0" --inside "$@"
fi
shift
ip link set lo up
ip link add rc0 type veth peer name rc1
ip addr add 192.0.2.2/24 dev rc0
ip link set rc1 up
ip link set rc0 up
ip route add default via 192.0.2.1
nft add table inet loss
nft add chain inet loss out '{ type filter hook output priority 0; }'
exec "$@"
