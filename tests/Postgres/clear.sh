# clear FOLDER: when its input ends, with the process that started it if not before, ends the server in FOLDER and deletes both.
exec > /dev/null 2>&1
trap '' INT HUP TERM
read -r _
pid=$(head -n 1 "$1/data/postmaster.pid")

# A killed server leaves its number behind, and another process may have it by now.
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
  kill -QUIT "$pid"
  kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children")
  waited=0
  while [ -d "/proc/$pid" ] && [ "$waited" -lt 1000 ]; do
    sleep 0.01
    waited=$((waited + 1))
  done
fi

rm -rf "$1"
