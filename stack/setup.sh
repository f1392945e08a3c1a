#!/bin/sh
# What has to happen before any Python of the project can run.
#   sh stack/setup.sh               tools of the machine (root on Debian or Ubuntu: installed by apt-get), then .venv; milliseconds when all is there
#   sh stack/setup.sh doctor ...    only look: python3 -m stack.doctor
set -eu
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for candidate in python3 python3.11 python3.12 python3.13; do
    if new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

python_or_explain() {
  python=$(find_python)
  if [ -z "$python" ] && [ "$1" = install ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Python 3.11 or newer is missing: installing it by apt-get"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3 python3-venv >/dev/null
    new_enough python3 || DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3.11 python3.11-venv >/dev/null
    python=$(find_python)
  fi
  if [ -z "$python" ]; then
    echo "Python 3.11 or newer is missing. On Debian or Ubuntu: apt-get install python3.11 python3.11-venv" >&2
    exit 1
  fi
}

if [ "${1:-}" = doctor ]; then
  shift
  python_or_explain look
  exec "$python" -m stack.doctor "$@"
fi

if [ -x .venv/bin/python ] && command -v java >/dev/null && sha256sum --status --check .venv/made-from.sha256 2>/dev/null; then
  exit 0
fi
python_or_explain install
"$python" -m stack.doctor --tools --quiet --install
exec "$python" -m stack.bootstrap
