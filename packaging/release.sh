#!/usr/bin/env bash
# Makes all files of a release: for each target a binary in an archive, Debian packages, the bill of materials, the
# Homebrew formula, and the checksums of all of them. From the same sources it makes the same bytes.
#
#     packaging/release.sh FOLDER
#
# COMPILED, if it is set, is a folder with binaries that are there already, as TARGET/chatterbox; NATIVE is then the one
# that this machine runs. TARGETS names the targets, if it is not all of them.
set -euo pipefail
[ $# = 1 ] || { echo "usage: release.sh FOLDER" >&2; exit 64; }
mkdir -p "$1"
folder=$(realpath "$1")
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
: "${TARGETS:=x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin x86_64-pc-windows-msvc}"
export SOURCE_DATE_EPOCH
umask 022

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' deno.json)
flags=$(sed -n 's/.*deno compile \(.*\) --output chatterbox main\.ts",$/\1/p' deno.json)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for target in $TARGETS; do
  name=chatterbox-v$version-$target
  program=chatterbox
  case $target in *windows*) program=chatterbox.exe ;; esac
  mkdir "$work/$name"
  if [ -n "${COMPILED:-}" ]; then
    cp "$COMPILED/$target/$program" "$work/$name/$program"
  else
    # shellcheck disable=SC2086 # several flags
    "${DENO:-deno}" compile $flags --target "$target" --output "$work/$name/chatterbox" main.ts
  fi
  cp README.md CHANGELOG.md LICENSE "$work/$name/"
  chmod 755 "$work/$name/$program"
  find "$work/$name" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  case $target in
    *windows*) (cd "$work" && find "$name" | LC_ALL=C sort | TZ=UTC zip -qX -@ "$folder/$name.zip") ;;
    *)
      tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
        gzip -9n >"$folder/$name.tar.gz"
      ;;
  esac
done

# The programs that this machine runs make the manual pages of all packages.
NATIVE=${NATIVE:-$work/chatterbox-v$version-$(uname -m)-unknown-linux-gnu/chatterbox}
export NATIVE
for pair in x86_64:amd64 aarch64:arm64; do
  binary=$work/chatterbox-v$version-${pair%:*}-unknown-linux-gnu/chatterbox
  if [ -f "$binary" ]; then packaging/debian/build.sh "$binary" "${pair#*:}" "$folder"; fi
done

"${DENO:-deno}" run --quiet --allow-read packaging/bill_of_materials.ts >"$folder/chatterbox-v$version.cdx.json"
(cd "$folder" && sha256sum -- chatterbox[-_]* >SHA256SUMS)
"${DENO:-deno}" run --quiet --allow-read --allow-env=GITHUB_REPOSITORY packaging/homebrew_formula.ts "$folder/SHA256SUMS" >"$folder/chatterbox.rb"
