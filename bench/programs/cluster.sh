# Functions for scripts that run somebody else's program, unchanged, against a cluster of this project.

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
quorate=${QUORATE:-$home/../../quorate}
base_port=${QUORATE_BASE_PORT:-26379}
work=

# begin NAME KEY,…: a directory of its own, and a cluster of three stores whose regions begin at the keys; both go at the end.
begin() {
  name=$1
  work=$(mktemp -d "${TMPDIR:-/tmp}/quorate-$name.XXXXXX")
  chmod 755 "$work"
  trap finish EXIT
  "$quorate" cluster start --dir "$work/cluster" --stores 3 --base-port "$base_port" --split-keys "$2" >&2
  endpoints=127.0.0.1:$base_port,127.0.0.1:$((base_port + 10)),127.0.0.1:$((base_port + 20))
  export QUORATE_PD=127.0.0.1:$((base_port + 2))
}

# What stops the program itself, if there is something to stop.
stop_program() { :; }

finish() {
  local code=$?
  stop_program || true
  [ ! -f "$work/cluster/cluster.properties" ] || "$quorate" cluster stop --dir "$work/cluster" >/dev/null 2>&1 || true
  if [ "$code" = 0 ]; then
    echo "$name: works"
    rm -rf "$work"
  else
    echo "$name: FAILED with $code; what it left is in $work" >&2
  fi
  exit "$code"
}

die() { echo "$name: $*" >&2; exit 1; }

# needs PROGRAM PACKAGE: or nothing is proved.
needs() { command -v "$1" >/dev/null || { echo "$name: $1 is missing: install $2" >&2; exit 2; }; }

# until_true SECONDS WHAT COMMAND…: asks twice a second.
until_true() {
  local seconds=$1 what=$2 i
  shift 2
  for ((i = 0; i < 2 * seconds; i++)); do
    if "$@"; then return; fi
    sleep 0.5
  done
  die "not within $seconds s: $what"
}
