#!/usr/bin/env bash
# Makes a Debian package of a compiled binary; the same bytes for the same files and the same SOURCE_DATE_EPOCH.
#
#     packaging/debian/build.sh BINARY ARCHITECTURE FOLDER
#
# BINARY is for ARCHITECTURE (amd64, arm64). NATIVE, if it is set, is a binary that this machine runs; it writes the
# manual pages and the completions. The package is FOLDER/chatterbox_VERSION_ARCHITECTURE.deb.
set -euo pipefail
[ $# = 3 ] || { echo "usage: build.sh BINARY ARCHITECTURE FOLDER" >&2; exit 64; }
binary=$(realpath "$1")
architecture=$2
folder=$(realpath "$3")
native=$(realpath "${NATIVE:-$1}")
cd "$(dirname "$0")/../.."
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
umask 022

# ~ sorts before the release, so that 1.0.0-rc.1 is older than 1.0.0.
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' deno.json | tr - '~')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

install -D -m 755 "$binary" "$root/usr/bin/chatterbox"
install -D -m 644 packaging/systemd/chatterbox.service "$root/usr/lib/systemd/system/chatterbox.service"
install -D -m 644 packaging/systemd/chatterbox.socket "$root/usr/lib/systemd/system/chatterbox.socket"
install -D -m 644 packaging/systemd/chatterbox.sysusers "$root/usr/lib/sysusers.d/chatterbox.conf"
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/chatterbox"

documents=$root/usr/share/doc/chatterbox
mkdir -p "$documents"
cp packaging/debian/copyright README.md CHANGELOG.md "$documents/"
maintainer=$(sed -n 's/^Maintainer: //p' packaging/debian/control)
{
  printf 'chatterbox (%s) unstable; urgency=medium\n\n  * What has changed is in CHANGELOG.md.\n\n' "$version"
  printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$documents/changelog.gz"

pages=$root/usr/share/man/man1
"$native" man --dir "$pages" >/dev/null
gzip -9n "$pages"/*.1
completion() {
  mkdir -p "$(dirname "$root/$2")"
  "$native" completion "$1" >"$root/$2"
}
completion bash usr/share/bash-completion/completions/chatterbox
completion zsh usr/share/zsh/vendor-completions/_chatterbox
completion fish usr/share/fish/vendor_completions.d/chatterbox.fish

install -D -m 755 packaging/certbot-hook "$root/usr/share/chatterbox/certbot-hook"
mkdir -p "$root/etc/chatterbox"
schema=/usr/share/chatterbox/serve.schema.json
"$native" config schema >"$root$schema"
"$native" config example --schema "$schema" >"$root/etc/chatterbox/serve.json"

mkdir "$root/DEBIAN"
cp packaging/debian/{postinst,prerm,postrm} "$root/DEBIAN/"
echo /etc/chatterbox/serve.json >"$root/DEBIAN/conffiles"
size=$(find "$root/etc" "$root/usr" -type f -printf '%s\n' | awk '{ bytes += $1 } END { print int(bytes / 1024) + 1 }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
  -e "s/@SIZE@/$size/" \
  -e "s#@HOMEPAGE@#https://github.com/${GITHUB_REPOSITORY:-chatterbox/chatterbox}#" \
  packaging/debian/control >"$root/DEBIAN/control"
(cd "$root" && find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod -R u+rwX,go+rX,go-w "$root"
chmod 755 "$root"/DEBIAN/{postinst,prerm,postrm}
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# One thread: what several make depends on their number.
DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$root" "$folder/chatterbox_${version}_$architecture.deb" >/dev/null
