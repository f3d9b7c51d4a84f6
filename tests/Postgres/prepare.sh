# prepare BIN TEMP USER [COMMAND...]: makes the folder of a new server under TEMP and prints it. It belongs to USER, as whom COMMAND
# runs what follows it. In it are data/, as initdb leaves it, and the superuser's password.
# initdb runs once a day; what it made is copied. The day is in the name, since nobody knows when TEMP is swept and of what.
set -eu
umask 077
bin=$1
temp=$(cd "$2" && pwd -P)
user=$3
shift 3
version=$("$bin/postgres" --version | sed 's/^[^0-9]*\([0-9.a-z]*\).*/\1/')
template="$temp/concert-postgres-$version-$user-$(date +%Y%m%d)"

if [ ! -d "$template" ]; then
  find "$temp" -maxdepth 1 -name 'concert-postgres-*' -user "$user" -mtime +2 -exec rm -rf {} +
  new=$(mktemp -d "$temp/concert-postgres-XXXXXXXX")
  od -An -N16 -tx1 /dev/urandom | tr -d ' ' > "$new/password"
  chown -R "$user" "$new"
  "$@" "$bin/initdb" -D "$new/data" --username=postgres --pwfile="$new/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync --no-instructions >&2
  # Another process may have been faster: a folder with something in it is not replaced.
  mv -T "$new" "$template" 2> /dev/null || rm -rf "$new"
fi

folder=$(mktemp -d "$temp/concert-postgres-XXXXXXXX")
cp -a "$template/." "$folder"
touch "$folder"
echo "$folder"
