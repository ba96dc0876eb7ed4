#!/usr/bin/env bash
# Restores the latest moment of a Redis that is lost into its replacement, if that loses no more than is allowed, and hands over.
#
#   deploy/failover.sh --config /etc/tidemark/tidemark.yml --into redis://10.0.0.9:6379 --max-loss 60 --then ./point-clients-there
#
# Documented commands and exit codes alone: points, plan, restore. Nothing is written before the loss is known to be allowed. Ends with the
# code of the command that failed; 3 when more than --max-loss seconds would be lost; otherwise with that of --then.
# TIDEMARK names another command than 'tidemark'.
set -euo pipefail

tidemark=${TIDEMARK:-tidemark}
config="" into="" max_loss="" then=""

die() {
    printf 'failover: %s\n' "$2" >&2
    exit "$1"
}

while (($# > 0)); do
    (($# > 1)) || die 2 "$1 needs a value"
    case $1 in
        --config) config=$2 ;;
        --into) into=$2 ;;
        --max-loss) max_loss=$2 ;;
        --then) then=$2 ;;
        *) die 2 "unknown option $1; there are --config FILE, --into URI, --max-loss SECONDS, --then COMMAND" ;;
    esac
    shift 2
done
[[ -n $config && -n $into ]] || die 2 "--config FILE and --into URI are needed"
[[ $max_loss =~ ^[0-9]+$ ]] || die 2 "--max-loss is a number of seconds, for example 60"

began=$SECONDS
points=$("$tidemark" points -c "$config" -o json) || {
    code=$?
    die "$code" "'tidemark points' ended with code $code; nothing was written"
}
# Of now, so it grows while the source is down: that is what users would notice as lost.
[[ $points =~ \"rpo_now_seconds\":([0-9]+) ]] || die 3 "no moment can be restored; nothing was written. See 'tidemark points'"
loss=${BASH_REMATCH[1]}
((loss <= max_loss)) ||
    die 3 "the last $loss s would be lost, and --max-loss allows $max_loss; nothing was written. Allow more, or bring the source back"

"$tidemark" restore --to latest --into "$into" -c "$config" || {
    code=$?
    die "$code" "'tidemark restore' ended with code $code; the replacement is not to be used"
}
printf 'failover: restored into %s; lost at most %d s before the last claim, RTO %d s\n' "$into" "$loss" "$((SECONDS - began))"
if [[ -n $then ]]; then
    "$then"
    printf 'failover: handed over, RTO %d s\n' "$((SECONDS - began))"
fi
printf 'next: set redis.uri to the replacement in %s and start capture; it resyncs, and protects from then on\n' "$config"
