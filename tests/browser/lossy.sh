#!/bin/sh
# Runs a command in a network namespace of its own (as root), with an address that a browser takes for a real one.
set -e
if [ "$1" != --inside ]; then
    exec unshare --net "$0" --inside "$@"
fi
shift
# Datagrams that leave together are told apart again before they are counted out.
ip link set lo gso_max_segs 1
ip link set lo up
ip link add rc0 type veth peer name rc1
ip addr add 192.0.2.2/24 dev rc0
ip link set rc1 up
ip link set rc0 up
ip route add default via 192.0.2.1
nft add table inet loss
# Not on their way out: a sender is told of what is thrown away there.
nft add chain inet loss in '{ type filter hook input priority 0; }'
exec "$@"
