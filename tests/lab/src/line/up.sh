# Builds the line between three network namespaces that belong to this run. Runs in the router's.
# $1 phone's process, $2 server's process
# phone p0 --- r0 router: wire-phone =(lapor-lab wire)= wire-server :router r1 --- s0 server
set -eu
ip link set lo up
ip link add r0 type veth peer name p0 netns "$1"
ip link add r1 type veth peer name s0 netns "$2"
echo 1 >/proc/sys/net/ipv4/ip_forward
for one in all default r0 r1 wire-phone wire-server; do
    echo 0 >/proc/sys/net/ipv4/conf/$one/rp_filter
done
ip address add 10.77.1.1/24 dev r0
ip address add 10.77.2.1/24 dev r1
for one in r0 r1 wire-phone wire-server; do ip link set "$one" up; done
# What comes from the phone leaves by the wire, what comes out of the wire goes to the server.
ip route add default dev wire-phone table 101
ip rule add iif r0 lookup 101
ip route add default dev wire-server table 102
ip rule add iif r1 lookup 102
nft add table ip lab
nft add chain ip lab way '{ type filter hook forward priority 0; }'

# One packet is one packet: no offload makes big ones that no radio would carry. Cubic is what phones
# and most servers speak; by the route, because a namespace may not choose another default.
inside() { nsenter --target "$1" --net sh -euc "$2"; }
inside "$1" '
    ip link set lo up
    ip link set p0 gso_max_segs 1 up
    ip address add 10.77.1.2/24 dev p0
    ip route add default via 10.77.1.1 congctl cubic
'
inside "$2" '
    ip link set lo up
    ip link set s0 gso_max_segs 1 up
    ip address add 10.77.2.2/24 dev s0
    ip route add default via 10.77.2.1 congctl cubic
    # The gateway listens on loopback and nowhere else: its port is brought there, by the kernel.
    echo 1 >/proc/sys/net/ipv4/conf/s0/route_localnet
    nft add table ip lab
    nft add chain ip lab door "{ type nat hook prerouting priority -100; }"
'
