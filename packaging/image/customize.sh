#!/bin/sh
# Makes a device's root out of the Debian system in ROOT, and puts what belongs on the boot partition into BOOT.
# mmdebstrap runs it outside of that system, which it cannot boot yet. Started by `cargo xtask image`.
# usage: customize.sh ROOT BOOT PACKAGE.deb CONFIG KEYS
#   CONFIG replaces edge-app.toml, unless it is empty; KEYS is a folder of public keys
set -eu
root=$1 boot=$2 package=$3 config=$4 keys=$5
here=$(dirname "$(readlink -f "$0")")
lines() { sed 's/#.*//;/^ *$/d' "$here/$1"; }

# The device program, its user and its service.
cp "$package" "$root/lakshan.deb"
chroot "$root" dpkg --install /lakshan.deb
rm "$root/lakshan.deb"
[ -z "$config" ] || cp "$config" "$root/etc/lakshan/edge-app.toml"
find "$keys" -name '*.pub' -exec cp {} "$root/etc/lakshan/keys/" \;
# Where the data partition is mounted.
mkdir -p "$root/var/lib/lakshan"
find "$root/etc/lakshan" -type f -exec chmod 644 {} +

# The kernel's modules: what is listed, with what it depends on.
version=$(basename "$root"/lib/modules/*)
for module in $(lines modules); do
    # A name that the kernel does not know ends the build; a `builtin` line is of one that needs no file.
    modprobe -d "$root" -S "$version" --show-depends "$module" >> "$boot/depends"
done
sed -n 's/^insmod \([^ ]*\).*/\1/p' "$boot/depends" | sort -u > "$boot/kept"
rm "$boot/depends"
find "$root/lib/modules/$version/kernel" -name '*.ko*' | sort > "$boot/all"
comm -13 "$boot/kept" "$boot/all" | xargs rm
cp "$root/lib/modules/$version/modules.alias" "$boot/modules.alias"
depmod -b "$root" "$version"
sed 's:.*/::;s:\.ko.*::' "$boot/kept" > "$boot/modules"
rm "$boot/kept" "$boot/all"
find "$root/lib/modules/$version/kernel" -type d -empty -delete

# Units.
lines masked | while read -r unit; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf ../lakshan-power-off.path "$root/etc/systemd/system/multi-user.target.wants/lakshan-power-off.path"
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"

# Nobody becomes another user here, and what knew the machine that built this is gone.
find "$root" -xdev -type f -perm /6000 -exec chmod a-s {} +
echo lakshan > "$root/etc/hostname"
printf '127.0.0.1 localhost lakshan\n' > "$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
: > "$root/etc/machine-id"
rm -f "$root"/etc/*- "$root"/var/lib/dpkg/*-old "$root"/var/cache/ldconfig/* "$root"/var/cache/debconf/*
rm -rf "$root"/var/log/* "$root"/usr/share/info "$root"/usr/share/bash-completion

# The splash, which the first disk takes along.
mv "$boot/splash" "$root/usr/lib/lakshan/splash"

# The first disk, for the modules that were left.
chroot "$root" mkinitramfs -o /initrd.img "$version"
mv "$root/initrd.img" "$boot/initrd.img"
mv "$root/boot/vmlinuz-$version" "$boot/vmlinuz"
mkdir "$boot/dtb"
cp "$root/usr/lib/linux-image-$version"/broadcom/*.dtb "$boot/dtb/"
rm -rf "$root"/boot/* "$root"/vmlinuz* "$root"/initrd.img* "$root/usr/lib/linux-image-$version"
rm -f "$root"/var/lib/systemd/random-seed

# The chip's firmware, which the device's own system needs no package of.
(cd "$boot" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q download raspi-firmware)
rm -rf "$root"/var/cache/apt "$root"/var/lib/apt
dpkg-deb --extract "$boot"/raspi-firmware_*.deb "$boot/firmware"

# What is in it, for the record and for the checks; the data partition must belong to the service.
{ chroot "$root" dpkg-query --show; dpkg-deb --show "$boot"/raspi-firmware_*.deb; } | LC_ALL=C sort > "$boot/packages"
sed -n 's/^lakshan:[^:]*:\([0-9]*\):\([0-9]*\):.*/\1:\2/p' "$root/etc/passwd" > "$boot/owner"
