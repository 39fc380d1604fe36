#!/usr/bin/env bash
#
# example.sh FOLDER [CHANGE.sql...]
#
# Records a trace of workload.sql into FOLDER, on the server that psql reaches by its environment
# (PGHOST, PGDATABASE ...), after schema.sql and the changes. The daemon runs, and its trace files
# can be read from here.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?the folder for the trace}

run() {
  psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

mkdir -p "$folder"
rm -f "$folder"/*.trc
run -f "$here/schema.sql"
for change in "${@:2}"; do
  run -f "$change"
done
trace=$(run -f "$here/workload.sql")
[ -r "$trace" ] || {
  echo "there is no trace file that can be read here: ${trace:-does the daemon run?}" >&2
  exit 2
}

# The last line of a session's trace comes a moment after the session's end.
for _ in $(seq 100); do
  if grep -q '^\*\*\* SESSION END' "$trace"; then
    cp "$trace" "$folder/"
    exit
  fi
  sleep 0.1
done
echo "the trace does not end: $trace" >&2
exit 2
