#!/bin/sh
# Stands for docker in tests of how it is called: notes every call and answers from the files beside it.
# A file that is absent is an answer that does not come.
state=$(dirname "$0")
echo "$*" >>"$state/calls"
case "$*" in
  version*) cat "$state/engine" ;;
  "compose version --short") cat "$state/compose" ;;
  *" ps "*) cat "$state/containers" ;;
  *" up "*)
    echo "${AMC_REDIS_PORT:-none} ${AMC_POSTGRES_PORT:-none}" >>"$state/ports"
    echo "redis is being started" >&2
    cat "$state/after-up" >"$state/containers"
    ;;
  *" stop "*) sed -i.bak -e 's/"running"/"exited"/; s/"restarting"/"exited"/' "$state/containers" ;;
  *" down"* | *" rm "*) : >"$state/containers" ;;
  *" logs "*) cat "$state/log" ;;
  *) exit 64 ;;
esac
