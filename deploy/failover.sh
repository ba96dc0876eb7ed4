#!/usr/bin/env bash
# Restores the latest moment of a Redis that is lost into its replacement, if that loses no more than is allowed, and hands over.
#
#   deploy/failover.sh --config /etc/tidemark/tidemark.yml --into rediss://10.0.0.9:6379 --max-loss 60 \
#     --target-password-file /run/secrets/target --target-ca-file /etc/ssl/ours.pem --then './point-clients-to 10.0.0.9'
#
# Documented commands and exit codes alone: points, restore. Nothing is written before the loss is known to be allowed. Ends with the
# code of the command that failed; 3 when more than --max-loss seconds would be lost; otherwise with that of --then, which bash runs.
# TIDEMARK names another command than 'tidemark'.
set -euo pipefail

tidemark=${TIDEMARK:-tidemark}
config="" into="" max_loss="" then=""
access=()

die() {
    printf 'failover: %s\n' "$2" >&2
    exit "$1"
}

while (($# > 0)); do
    case $1 in
        --config | --into | --max-loss | --target-password-file | --target-ca-file | --then) (($# > 1)) || die 2 "$1 needs a value" ;;
        *) die 2 "unknown option $1; there are --config FILE, --into URI, --target-password-file FILE, --target-ca-file FILE, --max-loss SECONDS, --then COMMAND" ;;
    esac
    case $1 in
        --config) config=$2 ;;
        --into) into=$2 ;;
        --max-loss) max_loss=$2 ;;
        --target-password-file | --target-ca-file) access+=("$1" "$2") ;;
        --then) then=$2 ;;
    esac
    shift 2
done
[[ -n $config && -n $into ]] || die 2 "--config FILE and --into URI are needed"
[[ $max_loss =~ ^[0-9]{1,6}$ ]] || die 2 "--max-loss is a number of seconds, for example 60"
# Or bash would read a 0 in front as octal: 010 as 8, and 08 as an error.
max_loss=$((10#$max_loss))

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

# Time has passed since, so restore is told the bound too: it holds the time that it plans against it, before its first write.
# It may be a person who runs this, and nothing here waits for an answer: --yes.
# A bash before 4.4 takes an empty list for a variable that is not set, so whether it has any is asked first.
"$tidemark" restore --to latest --max-loss "${max_loss}s" --into "$into" --yes ${access[@]+"${access[@]}"} -c "$config" || {
    code=$?
    die "$code" "'tidemark restore' ended with code $code; the replacement is not to be used"
}
# Behind the @ of an address that names a user or a password.
printf 'failover: restored into %s; lost is at most what came after the last claim, %d s ago when it was asked, RTO %d s\n' \
    "${into##*@}" "$loss" "$((SECONDS - began))"
if [[ -n $then ]]; then
    bash -c "$then"
    printf 'failover: handed over, RTO %d s\n' "$((SECONDS - began))"
fi
printf 'next: set redis.uri to the replacement in %s and start capture; it resyncs, and protects from then on\n' "$config"
