# Shared by ./dev and the scripts beside this file. Sourced by bash.

say() { printf '%s\n' "dev: $*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# A cron job or a unit of systemd may have none; Maven and what is kept between runs want one.
if [ -z "${HOME:-}" ]; then
  HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || true
  [ -n "$HOME" ] || die "HOME is not set, and the system knows no home of user $(id -u): set HOME to a directory of yours"
  export HOME
fi

# What users set for an etcd of their own, as docs/cli.md says, ends etcd and etcdctl at once where one of our flags says it too.
for variable in "${!ETCD@}"; do
  case $variable in
    ETCD_IMAGE) ;;            # of compose.yaml
    ETCD_UNSUPPORTED_ARCH) ;; # without it etcd does not run on some processors
    *) unset "$variable" ;;
  esac
done
unset variable

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "need root or sudo to run: $*"
  fi
}

# Packages must not start services: a second etcd on port 2379 would be in the way of everything else. What forbids it goes in any case;
# what a killed run has left is known by its name.
services_policy=/usr/sbin/policy-rc.d
without_services() (
  if [ -e "$services_policy" ] && ! grep -q Holdfast "$services_policy"; then
    "$@" # somebody else has decided
    exit
  fi
  trap 'as_root rm -f "$services_policy"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\n# There while ./dev of Holdfast installs packages.\nexit 101\n' | as_root tee "$services_policy" >/dev/null || exit
  as_root chmod 755 "$services_policy" || exit
  "$@"
)

apt_lists_fresh=''
apt_lists() {
  if [ -z "$apt_lists_fresh" ]; then
    as_root apt-get update -qq >&2
    apt_lists_fresh=yes
  fi
}

# Whether apt has all of these packages.
offered() {
  local package
  have apt-cache || return 1
  apt_lists
  for package in "$@"; do
    LC_ALL=C apt-cache policy "$package" 2>/dev/null | grep '^  Candidate: [^(]' >/dev/null || return 1
  done
}

apt_install() {
  have apt-get || die "missing: $*. Install it with your system's package manager (only Debian and Ubuntu are done for you)."
  say "installing $*"
  apt_lists
  local log
  log=$(mktemp)
  if ! without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "could not install: $*"
  fi
  rm -f "$log"
}

need() { # command package
  have "$1" || apt_install "$2"
}

# The service of a package that is installed here stays off; only the programs are used.
need_etcd() {
  local version
  if ! have etcd; then
    if have systemctl && as_root systemctl mask etcd.service >/dev/null 2>&1; then
      say "etcd.service, which comes with etcd, is masked, so that no etcd starts by itself (undo: systemctl unmask etcd.service)"
    fi
    apt_install etcd-server
  fi
  need etcdctl etcd-client
  version=$(etcd --version 2>/dev/null | sed -n 's/^etcd Version: //p') || true
  [ -n "$version" ] || die "$(command -v etcd) does not tell its version; is it an etcd for this machine?"
  printf '3.4\n%s\n' "$version" | sort -V -C || die "etcd $version ($(command -v etcd)) is too old, 3.4 is the least: unpack one of" \
    "https://github.com/etcd-io/etcd/releases and put its directory first on the PATH"
}

major_version() { # program
  timeout 30 "$1" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9.]+' | head -n 1 | cut -d. -f1
}

# The first browser that runs and that the driver drives. Ubuntu's packages can be there and do nothing but point to a snap.
browser() {
  local driven program
  driven=$(major_version chromedriver) || return 1
  for program in "${CHROME_BIN:-chromium}" chromium chromium-browser google-chrome; do
    if have "$program" && [ "$(major_version "$program")" = "$driven" ]; then
      command -v "$program"
      return
    fi
  done
  return 1
}

# The browser that looks at the sample's page in the tests, and what drives it.
need_browser() {
  if ! CHROME_BIN=$(browser); then
    if offered chromium chromium-driver; then
      apt_install chromium chromium-driver
    elif offered chromium-browser chromium-chromedriver; then
      (apt_install chromium-browser chromium-chromedriver) || true
    fi
    CHROME_BIN=$(browser) || die "the tests of the sample's page need Chromium or Google Chrome and a chromedriver of the same version on the" \
      "PATH, and the packages of this system do not bring them; https://googlechromelabs.github.io/chrome-for-testing/ has both" \
      "(a browser of another name: export CHROME_BIN=/its/path)"
  fi
  export CHROME_BIN
}

# What checks the alerts. Out of its package, which would bring a service too.
need_promtool() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdfast/prometheus work
  PATH=$PATH:$cache
  if have promtool; then return; fi
  { have apt-get && have dpkg; } || die "the tests of the alerts need promtool on the PATH; it comes with https://prometheus.io/download/"
  say "fetching promtool"
  work=$(mktemp -d)
  unpack() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" prometheus && dpkg -x prometheus_*.deb .) >"$work.log" 2>&1
  }
  if ! unpack && ! { apt_lists && unpack; }; then
    cat "$work.log" >&2
    rm -rf "$work" "$work.log"
    die "apt gave no promtool, which the tests of the alerts need; put it on the PATH by hand (https://prometheus.io/download/)"
  fi
  mkdir -p "$cache"
  mv "$work/usr/bin/promtool" "$cache/promtool"
  rm -rf "$work" "$work.log"
}

docker_answers() { have docker && timeout 10 docker info >/dev/null 2>&1; }

# Says what to do if the engine is well and only this user may not talk to it.
refuse_docker_of_root() {
  if have docker && [ "$(id -u)" != 0 ] && (as_root timeout 10 docker info) >/dev/null 2>&1; then
    die "a Docker engine runs, and answers root but not you: sudo usermod -aG docker $(id -un), log in again, and try again"
  fi
}

# The first Debian mirror the system knows, or Debian's own. Others (security, vendors, snapshots) do not have every release.
debian_mirror() {
  local known
  known=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -v '^[[:space:]]*#' | grep -oE 'https?://[^] ]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]') || true
  printf %s "${known:-http://deb.debian.org/debian}"
}
