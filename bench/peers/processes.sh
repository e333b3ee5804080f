# Functions for scripts that run a cluster out of one directory: a pid file per process, nothing found by name.

# start_process DIR NAME COMMAND...: runs it in the background, its output in NAME.log, its process id in NAME.pid.
start_process() {
  local dir="$1" name="$2"; shift 2
  if is_running "$dir/$name.pid"; then echo "$name runs already, see $dir/$name.pid" >&2; exit 1; fi
  nohup "$@" > "$dir/$name.log" 2>&1 < /dev/null &
  local pid=$!
  echo "$pid $(started_at "$pid")" > "$dir/$name.pid"
}

# The start time tells a process from a later one that got the same id.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f20; }

is_running() {
  local pid started
  [[ -e "$1" ]] && read -r pid started < "$1" && [[ "$(started_at "$pid")" == "$started" ]]
}

# stop_processes DIR: asks each to end, and insists after ten seconds.
stop_processes() {
  local file pid
  for file in "$1"/*.pid; do
    if is_running "$file"; then read -r pid _ < "$file"; kill "$pid"; fi
  done
  for file in "$1"/*.pid; do
    [[ -e "$file" ]] || continue
    read -r pid _ < "$file"
    for _ in {1..100}; do is_running "$file" || break; sleep 0.1; done
    if is_running "$file"; then kill -9 "$pid"; fi
    rm -f "$file"
  done
}

# list_pids DIR: the running processes' ids, joined by commas.
list_pids() {
  local file pid list=""
  for file in "$1"/*.pid; do
    if is_running "$file"; then read -r pid _ < "$file"; list+="${list:+,}$pid"; fi
  done
  echo "$list"
}
