#!/bin/sh
# Fetches Debian's arm64 kernel, busybox and strace as packages into a folder and unpacks them; installs nothing.
# usage: fetch.sh FOLDER
set -eu
. "$(dirname "$0")/arm64.sh"
folder=$1
use_arm64 "$folder"
kernel=$(apt-cache depends linux-image-arm64:arm64 | sed -n 's/ *Depends: \(linux-image-[0-9][^ :]*\).*/\1/p' | head -1)
unpack_arm64 "$folder" "$kernel" busybox-static strace libunwind8 liblzma5
version=${kernel#linux-image-}
depmod -b "$folder/root" "$version"
echo "$version" > "$folder/version"
