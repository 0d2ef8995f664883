# To be sourced: Debian's packages for arm64, by a configuration of apt's own; installs nothing.

# use_arm64 FOLDER: apt knows arm64 from here on, and keeps what it fetches in FOLDER.
use_arm64() {
    mkdir -p "$1/apt/lists/partial" "$1/apt/cache/archives/partial" "$1/debs"
    cat > "$1/apt/apt.conf" <<END
APT::Architectures { "$(dpkg --print-architecture)"; "arm64"; };
Dir::State::lists "$1/apt/lists";
Dir::Cache "$1/apt/cache";
APT::Sandbox::User "root";
END
    export APT_CONFIG="$1/apt/apt.conf"
    apt-get -qq update
}

# unpack_arm64 FOLDER PACKAGE...: into FOLDER/root.
unpack_arm64() (
    cd "$1/debs"
    shift
    for package in "$@"; do
        ls "$package"_*.deb >/dev/null 2>&1 || apt-get -qq download "$package:arm64"
        dpkg -x "$package"_*.deb ../root
    done
)
