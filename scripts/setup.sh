#!/usr/bin/env bash
# Sets up what kubecfg needs on this machine and says what it does: npm packages, a Docker engine where none answers,
# nftables, a static busybox for the test image, for tests also etcd, strace, libfaketime, a browser, kubectl 1.20 and the Python client,
# and the built program. Safe to run again; a second run takes a second.
#   KUBECFG_SETUP_SKIP_DOCKER=1  leaves the engine alone (unit tests and the hollow runtime need none)
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

node_version=$(node --version 2>/dev/null) || fail "Node.js is missing: install Node 20.19 or newer (https://nodejs.org)"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $node_version is too old: 20.19 or newer is needed"

# npm packages, when the lock file changed since the last install.
stamp=node_modules/.package-lock.json
if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
  say "installing npm packages (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error
  touch "$stamp"
fi

socket=/var/run/docker.sock
case "${DOCKER_HOST:-}" in unix://*) socket=${DOCKER_HOST#unix://} ;; esac
engine_answers() { [ -S "$socket" ] && curl -sf --max-time 3 --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }

missing=()
command -v curl >/dev/null || missing+=(curl)
command -v ip >/dev/null || missing+=(iproute2)
command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
[ -x /usr/bin/busybox ] || [ -x /bin/busybox ] || missing+=(busybox-static)
command -v strace >/dev/null || missing+=(strace)
command -v etcd >/dev/null || missing+=(etcd-server)
command -v etcdctl >/dev/null || missing+=(etcd-client)
command -v openssl >/dev/null || missing+=(openssl)
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
command -v chromium-headless-shell >/dev/null || missing+=(chromium-headless-shell)
[ -d /usr/lib/python3/dist-packages/kubernetes ] || missing+=(python3-kubernetes)
if [ -z "${KUBECFG_SETUP_SKIP_DOCKER:-}" ] && ! engine_answers && ! command -v dockerd >/dev/null && [ ! -x /usr/sbin/dockerd ]; then
  missing+=(docker.io iptables)
fi
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "please install: ${missing[*]} (as root on Debian: apt-get install ${missing[*]})"
  fi
  say "installing with apt: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ -z "${KUBECFG_SETUP_SKIP_DOCKER:-}" ] && ! engine_answers; then
  [ "$(id -u)" = 0 ] || fail "no Docker engine answers on $socket; start it (systemctl start docker) or join the docker group"
  if [ -d /run/systemd/system ]; then
    say "starting Docker (systemctl start docker)"
    systemctl start docker
  else
    log=/var/log/dockerd.log
    say "starting Docker (dockerd, log in $log)"
    # A pid file of an engine that was killed keeps the next one from starting.
    if [ -e /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then rm -f /var/run/docker.pid; fi
    PATH="$PATH:/usr/sbin:/sbin" setsid nohup dockerd --host="unix://$socket" >"$log" 2>&1 </dev/null &
  fi
  for _ in $(seq 150); do
    engine_answers && break
    sleep 0.2
  done
  engine_answers || fail "Docker did not answer on $socket within 30 s; see /var/log/dockerd.log"
fi

# kubectl 1.20, which the end-to-end tests talk to kubecfg with: unpacked below build/, not installed.
kubectl_folder=build/kubernetes-client
if [ ! -x "$kubectl_folder/usr/bin/kubectl" ]; then
  if command -v apt-get >/dev/null; then
    say "fetching kubectl (apt-get download kubernetes-client)"
    rm -rf "$kubectl_folder" && mkdir -p "$kubectl_folder"
    (
      cd "$kubectl_folder"
      apt-get download -qq kubernetes-client 2>/dev/null || { apt-get update -qq && apt-get download -qq kubernetes-client; }
      dpkg -x kubernetes-client_*.deb .
      rm -r kubernetes-client_*.deb usr/share
    )
  else
    say "no apt here: the tests with kubectl want Debian's package kubernetes-client unpacked in $kubectl_folder"
  fi
fi

# The program, when a source is newer than what was built.
if [ ! -e dist/kubecfg.cjs ] || [ -n "$(find src bin scripts/build.mjs package.json -newer dist/kubecfg.cjs -print -quit)" ]; then
  say "building (npm run build)"
  npm run --silent build
fi
say "ready"
