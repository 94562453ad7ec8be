#!/bin/sh
# Stands for docker where a test run starts Redis by testcontainers: notes every call, with its project
# where that comes by the environment, and keeps in a file beside it what runs at which port.
state=$(dirname "$0")
for last; do :; done
echo "${COMPOSE_PROJECT_NAME:+$COMPOSE_PROJECT_NAME: }$*" >>"$state/calls"
case "$*" in
  version*) echo 28.2.2 ;;
  "compose version --short") echo 2.26.1 ;;
  "image inspect "*)
    if [ -e "$state/silent-images" ]; then
      echo "Cannot connect to the Docker daemon" >&2
      exit 125
    fi
    if grep -qsxF "$last" "$state/no-image"; then
      echo "Error response from daemon: No such image: $last" >&2
      exit 1
    fi
    ;;
  *" up "*)
    if [ -e "$state/refusing" ]; then
      echo "Error response from daemon: no space left on device" >&2
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
