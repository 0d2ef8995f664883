#!/bin/sh
# Fetches Debian's arm64 kernel, busybox and strace as packages into a folder and unpacks them; installs nothing.
# usage: fetch.sh FOLDER
set -eu
folder=$1
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/debs"
cat > "$folder/apt/apt.conf" <<END
APT::Architectures { "$(dpkg --print-architecture)"; "arm64"; };
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt/cache";
APT::Sandbox::User "root";
END
export APT_CONFIG="$folder/apt/apt.conf"
apt-get -qq update
kernel=$(apt-cache depends linux-image-arm64:arm64 | sed -n 's/ *Depends: \(linux-image-[0-9][^ :]*\).*/\1/p' | head -1)
cd "$folder/debs"
for package in "$kernel" busybox-static strace libunwind8 liblzma5; do
    ls "$package"_*.deb >/dev/null 2>&1 || apt-get -qq download "$package:arm64"
    dpkg -x "$package"_*.deb "$folder/root"
done
version=${kernel#linux-image-}
depmod -b "$folder/root" "$version"
echo "$version" > "$folder/version"
