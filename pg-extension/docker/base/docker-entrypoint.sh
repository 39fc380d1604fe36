#!/usr/bin/env bash
#
# The entrypoint of pgtrace-base:MAJOR: what users of the official image
# postgres:MAJOR rely on, in the same variables and folders.
#
#   POSTGRES_PASSWORD          of the superuser; needed, unless all are trusted
#   POSTGRES_USER              the superuser (postgres)
#   POSTGRES_DB                a database to make (named as the user)
#   POSTGRES_HOST_AUTH_METHOD  how clients of the network are checked (password_encryption)
#   POSTGRES_INITDB_ARGS       further arguments of initdb
#   POSTGRES_INITDB_WALDIR     another folder for the WAL
#   PGDATA                     where the cluster is
#
# The first four may be given in a file: POSTGRES_PASSWORD_FILE and so on.

set -euo pipefail

fail() {
  printf 'docker-entrypoint: %s\n' "$*" >&2
  exit 1
}

# value NAME DEFAULT: NAME from the environment, or from the file that NAME_FILE names
value() {
  local name=$1 file=${1}_FILE
  [ -z "${!name:-}" ] || [ -z "${!file:-}" ] || fail "both $name and $file are set"
  if [ -n "${!name:-}" ]; then
    printf -v "$name" '%s' "${!name}"
  elif [ -n "${!file:-}" ]; then
    [ -r "${!file}" ] || fail "$file: cannot read ${!file}"
    printf -v "$name" '%s' "$(<"${!file}")"
  else
    printf -v "$name" '%s' "$2"
  fi
  export "${name?}"
  unset "$file"
}

wants_help() {
  local word
  for word in "$@"; do
    case "$word" in
      -\? | --help | --describe-config | -V | --version) return 0 ;;
    esac
  done
  return 1
}

make_folders() {
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA" 2>/dev/null || true
  mkdir -p /var/run/postgresql 2>/dev/null || true
  chmod 3775 /var/run/postgresql 2>/dev/null || true
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 0700 "$POSTGRES_INITDB_WALDIR"
  fi
  [ "$(id -u)" = 0 ] || return 0
  find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
    \! -user postgres -exec chown postgres: '{}' +
}

check_variables() {
  case "${PGPASSWORD-}" in
    "${POSTGRES_PASSWORD}" | '') ;;
    *) fail "PGPASSWORD differs from POSTGRES_PASSWORD; set the latter alone" ;;
  esac
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail "the cluster is new and its superuser has no password. Set one:
  docker run -e POSTGRES_PASSWORD=... IMAGE
or let everybody in who reaches the server: -e POSTGRES_HOST_AUTH_METHOD=trust"
  fi
}

make_cluster() {
  local args=()
  # initdb asks for the name of the user that it runs as; any number may run this.
  if ! getent passwd "$(id -u)" >/dev/null && [ -e "$wrapper" ]; then
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" \
      >"$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
    export LD_PRELOAD=$wrapper NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || args+=(--waldir "$POSTGRES_INITDB_WALDIR")
  if [ -n "$POSTGRES_PASSWORD" ]; then
    exec 3< <(printf '%s\n' "$POSTGRES_PASSWORD")
    args+=(--pwfile=/dev/fd/3)
  fi
  # Taken as a shell would: arguments with blanks may be quoted.
  eval 'initdb --username="$POSTGRES_USER" "${args[@]}" '"${POSTGRES_INITDB_ARGS:-}"
  exec 3<&-
  if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
    rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
  printf '\nhost all all all %s\n' \
    "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption -D "$PGDATA" "${@:2}")}" \
    >>"$PGDATA/pg_hba.conf"
}

# docker_process_sql OPTION...: psql, as the scripts of users call it too
docker_process_sql() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

make_database() {
  docker_process_sql --dbname postgres -v db="$POSTGRES_DB" -q <<'END'
SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db') AS missing \gset
\if :missing
CREATE DATABASE :"db";
\endif
END
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    [ -e "$file" ] || continue
    printf 'docker-entrypoint: %s\n' "$file"
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          "$file"
        else
          # shellcheck source=/dev/null
          . "$file"
        fi
        ;;
      *.sql) docker_process_sql -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) xzcat "$file" | docker_process_sql ;;
      *.sql.zst) zstd -dc "$file" | docker_process_sql ;;
      *) printf 'docker-entrypoint: %s is left alone\n' "$file" ;;
    esac
  done
}

if [ "${1:0:1}" = - ]; then
  set -- postgres "$@"
fi
wrapper=$(compgen -G '/usr/lib/*/libnss_wrapper.so' || true)

if [ "${1:-}" = postgres ] && ! wants_help "$@"; then
  make_folders
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- \
      env HOME=/var/lib/postgresql "${BASH_SOURCE[0]}" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    value POSTGRES_PASSWORD ''
    value POSTGRES_USER postgres
    value POSTGRES_DB "$POSTGRES_USER"
    value POSTGRES_HOST_AUTH_METHOD ''
    check_variables
    ls /docker-entrypoint-initdb.d/ >/dev/null
    make_cluster "$@"
    # Reached through its socket alone, until all is made.
    PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -w start \
      -o "$(printf '%q ' "${@:2}" -c listen_addresses= -p "${PGPORT:-5432}")"
    export PGPASSWORD=$POSTGRES_PASSWORD
    make_database
    run_init_files
    unset PGPASSWORD
    pg_ctl -D "$PGDATA" -m fast -w stop
    printf '\nThe cluster is made; PostgreSQL starts for its clients.\n\n'
  else
    printf '\nPostgreSQL: the folder holds a cluster.\n\n'
  fi
fi

exec "$@"
