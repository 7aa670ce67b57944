#!/usr/bin/env bash
# Runs the steps of packaging/docker/Dockerfile where no builder of images is at hand: its files are put into a folder,
# beside the C library of this machine in the place of the base image's, and the entry point runs there in a chroot, as
# a user without a name and a home, on a root that is read-only. Needs root, unshare and chroot.
#
#     tests/compile/image.sh BINARY
#
# Exit code 0: the health check has passed, and SIGTERM has ended the server in order.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/../.."
dockerfile=packaging/docker/Dockerfile
root=$(mktemp -d)
chmod 755 "$root"
trap 'rm -rf "$root"' EXIT

# The base image: what the program is linked to, and the certificates of authorities.
mkdir -p "$root"/{dev,proc,tmp,etc/ssl/certs}
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
ldd "$binary" | grep -oE '/[^ ]+' | while read -r library; do
  mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
done
touch "$root"/dev/{null,urandom}

# The RUN lines behind the one that compiles, and COPY of what they have made.
grep -oE 'install -[^\\&]+' "$dockerfile" | sed "s#/root-files#$root#; s# chatterbox # $binary #" | sh -ex

# Words of an instruction in JSON form.
words() {
  grep -E "^$1 " "$dockerfile" | grep -oE '\[.*\]' | tr -d '[]",'
}

# In namespaces of its own, so that no mount and no process is left.
export root health="$(words HEALTHCHECK)" command="$(words ENTRYPOINT) $(words CMD)"
timeout 120 unshare --mount --pid --fork --kill-child sh -euc '
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount --bind /dev/null "$root/dev/null"
  mount --bind /dev/urandom "$root/dev/urandom"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=1777 tmpfs "$root/data"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" # the locks of standin/platform.ts; the program itself writes nothing there
  mount -o remount,bind,ro "$root"
  inside() { exec env -i "$(command -v chroot)" --userspec=10001:10001 "$root" "$@"; }
  inside $command &
  server=$!
  for attempt in $(seq 100); do
    kill -0 $server || break # it has said why
    if (inside $health) >/dev/null 2>&1; then
      kill -TERM $server
      wait $server
      echo "the image runs: healthy at attempt $attempt, and ended in order"
      exit 0
    fi
    sleep 0.3
  done
  echo "the image does not run"
  exit 1
'
