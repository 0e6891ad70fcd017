# Shared by ./dev and the scripts beside this file. Sourced by bash.

say() { printf '%s\n' "dev: $*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "need root or sudo to run: $*"
  fi
}

# Packages must not start services: a second etcd on port 2379 would be in the way of everything else.
without_services() {
  local policy=/usr/sbin/policy-rc.d ours=''
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  local status=0
  "$@" || status=$?
  [ -z "$ours" ] || as_root rm -f "$policy"
  return $status
}

apt_lists_fresh=''
apt_install() {
  have apt-get || die "missing: $*. Install it with your system's package manager (only Debian and Ubuntu are done for you)."
  say "installing $*"
  if [ -z "$apt_lists_fresh" ]; then
    as_root apt-get update -qq >&2
    apt_lists_fresh=yes
  fi
  local log
  log=$(mktemp)
  if ! without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die "could not install: $*"
  fi
  rm -f "$log"
}

need() { # command package
  have "$1" || apt_install "$2"
}

# The distribution's etcd service stays off; only the programs are used.
need_etcd() {
  if ! have etcd; then
    if have systemctl; then as_root systemctl mask etcd.service >/dev/null 2>&1 || true; fi
    apt_install etcd-server
  fi
  need etcdctl etcd-client
}

# The browser that looks at the sample's page in the tests, and what drives it.
need_chromium() {
  if have chromedriver && { have chromium || have chromium-browser || have google-chrome; }; then return; fi
  apt_install chromium chromium-driver
}

docker_answers() { have docker && timeout 10 docker info >/dev/null 2>&1; }

# The first Debian mirror the system knows, or Debian's own. Others (security, vendors, snapshots) do not have every release.
debian_mirror() {
  local known
  known=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -v '^[[:space:]]*#' | grep -oE 'https?://[^] ]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]') || true
  printf %s "${known:-http://deb.debian.org/debian}"
}
