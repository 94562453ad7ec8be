#!/bin/sh
# Stands for docker where a test run starts Redis by testcontainers: notes every call, with its project
# where that comes by the environment, and keeps in a file beside it what runs at which port.
state=$(dirname "$0")
echo "${COMPOSE_PROJECT_NAME:+$COMPOSE_PROJECT_NAME: }$*" >>"$state/calls"
case "$*" in
  version*) echo 28.2.2 ;;
  "compose version --short") echo 2.26.1 ;;
  *" up "*)
    if [ -e "$state/no-image" ]; then
      echo "Error response from daemon: no such image" >&2
      exit 1
    fi
    if [ -e "$state/slow" ]; then
      echo $$ >"$state/loading"
      exec sleep 600
    fi
    printf '%s\n' "$COMPOSE_PROJECT_NAME" "$AMC_REDIS_PORT" >"$state/up"
    ;;
  *" down "*) rm -f "$state/up" ;;
  "ps "*) [ ! -e "$state/up" ] || echo 0123456789ab ;;
  "volume "* | "network "*) ;;
  *) exit 64 ;;
esac
