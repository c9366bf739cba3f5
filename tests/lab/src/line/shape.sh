# Gives the line its rates and its loss. Runs in the router's namespace.
# $1 $2 bits a second up and down, $3 $4 buckets, $5 $6 queues (bytes), $7 packets lost of 10,000
set -eu
tc qdisc replace dev wire-phone root tbf rate "${1}bit" burst "$3" limit "$5"
tc qdisc replace dev wire-server root tbf rate "${2}bit" burst "$4" limit "$6"
nft flush chain ip lab way
if [ "$7" -gt 0 ]; then
    # Behind the slow part, as on the air: what is lost has used its time.
    nft add rule ip lab way iifname \{ wire-server, wire-phone \} counter
    nft add rule ip lab way iifname wire-server numgen random mod 10000 \< "$7" counter drop
    nft add rule ip lab way iifname wire-phone numgen random mod 10000 \< "$7" counter drop
fi
