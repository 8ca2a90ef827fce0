#!/usr/bin/env bash
# The archive on a machine that has glibc and nothing else: packs the build in $1, unpacks it below a bare root
# and qualifies the host from in there. Needs root; exit code 77 says why it was skipped. The mounts live in a
# mount namespace of their own and end with it. $2: folder with the test profiles. RACKPROOF_PACKAGE: an archive
# to be tested instead, as scripts/package made it.
set -euo pipefail
build=$(realpath "$1") profiles=$(realpath "$2") here=$(dirname "$(realpath "$0")")

skip() { echo "skipped: $*"; exit 77; }
if [ -z "${RACKPROOF_IN_NAMESPACE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || skip "chroot needs root"
  for tool in patchelf zstd unshare chroot dpkg objdump; do command -v $tool >/dev/null || skip "$tool is not installed"; done
  unshare --mount true 2>/dev/null || skip "no mount namespace may be made here"
  RACKPROOF_IN_NAMESPACE=yes exec unshare --mount --propagation private "$0" "$@"
fi

scratch=$(mktemp -d)
root=$scratch/root
trap 'umount -R "$root/proc" "$root/sys" "$root/dev" 2>/dev/null; rm -rf --one-file-system "$scratch"' EXIT
failures=0
claim() {  # WORDS COMMAND...
  local words=$1 status=0; shift
  "$@" > "$scratch/said" 2>&1 || status=$?
  if [ $status -eq 0 ]; then echo "ok    $words"; else
    echo "WRONG $words (exit code $status)"; tail -n 20 "$scratch/said"; failures=$((failures + 1)); fi
}
chroot=$(command -v chroot)
rackproof() { env -i HOME=/root RACKPROOF_LOCK_DIR=/tmp "${extra[@]}" "$chroot" "$root" "$at/bin/rackproof" "$@"; }
extra=()

make_bare_root() {  # glibc's own shared objects, from its package
  local file
  mkdir -p "$root"/{proc,sys,dev,tmp,opt,srv,root,etc,lib64}
  for file in $(dpkg -L libc6 | grep -E '/(ld-linux[^/]*|lib[^/]*)\.so[.0-9]*$'); do
    [ -f "$file" ] && install -D "$(readlink -f "$file")" "$root$file"
  done
  install -D /lib64/ld-linux-x86-64.so.2 "$root/lib64/ld-linux-x86-64.so.2"
}

says() { local text=$1; shift; "$@" > "$scratch/out" 2>&1; cat "$scratch/out"; grep -qF -- "$text" "$scratch/out"; }

# Every library that any of its processes initialised lies in the archive or is glibc's. (The folder exists in
# the bare root alone: what the loader of chroot itself has to say goes nowhere.)
only_own_libraries() {
  local status=0
  mkdir -p "$root/libraries"
  extra=(LD_DEBUG=libs LD_DEBUG_OUTPUT=/libraries/of); rackproof "$@" || status=$?; extra=()
  sed -n 's/.*calling init: //p' "$root"/libraries/of.* | sort -u > "$scratch/used"
  cat "$scratch/used"; ls "$root/libraries"
  [ $status -eq 0 ] && grep -qF "$at/bin/../lib/libcrypto.so" "$scratch/used" && [ "$(ls "$root/libraries" | wc -l)" -gt 1 ] &&
    ! grep -vE "^$at/bin/\.\./lib/|/(libc|libm|libmvec|libpthread|libdl|librt|libresolv)\.so\.[0-9]+$|/ld-linux-x86-64\.so\.2$" "$scratch/used"
}

# A library that is first on LD_LIBRARY_PATH must not come before the archive's own.
not_led_astray() {
  local status=0 library
  mkdir -p "$root/tmp/wrong"
  for library in "$root$at"/lib/*.so.*; do echo nonsense > "$root/tmp/wrong/$(basename "$library")"; done
  extra=(LD_LIBRARY_PATH=/tmp/wrong); rackproof version || status=$?; extra=()
  return $status
}

# AVX registers appear only in what Highway compiled for a processor that has them, and chooses at run time.
baseline_only() {
  objdump -d --no-show-raw-insn "$root$at/bin/rackproof" |
    awk '/^[0-9a-f]+ </ {name = $2} /%[yz]mm[0-9]/ {print name}' | sort -u > "$scratch/wide"
  grep -qE 'N_AVX2' "$scratch/wide" || { echo "no AVX2 code found: are symbols stripped?"; return 1; }
  ! grep -vE 'N_(AVX|SSE|AES)' "$scratch/wide"
}

lost_without_proc() {
  local status=0
  umount -R "$root/proc"
  rackproof version > "$scratch/out" 2>&1 || status=$?
  mount --rbind /proc "$root/proc"
  cat "$scratch/out"
  [ $status -eq 127 ] && grep -q 'cannot open shared object file' "$scratch/out"
}

archive=${RACKPROOF_PACKAGE:-}
if [ -z "$archive" ]; then
  RACKPROOF_PACKAGE_BUILD=$build "$here/../scripts/package" "$scratch/archive" >/dev/null
  archive=$(echo "$scratch"/archive/*.tar.zst)
fi
make_bare_root
tar --zstd -xf "$archive" -C "$root/opt"
at=/opt/$(ls "$root/opt")
for folder in proc sys dev; do mount --rbind /$folder "$root/$folder"; done
cp "$profiles/tiny-host.yaml" "$root/tmp/"
cat > "$root/tmp/dump" <<'DUMP'
00:01.0 Ethernet controller: one that libpci itself must find a name for
00: f4 1a 00 10 00 00 00 00 00 00 00 02 00 00 00 00
10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 01 00
30: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
DUMP

claim "the sum beside it is the archive's" sh -c "cd '$(dirname "$archive")' && sha256sum -c --quiet ./*.sha256"
claim "no instruction beyond x86-64 outside run-time dispatch" baseline_only
claim "version" says "rackproof " rackproof version
claim "devices" says "cpu:0" rackproof devices
claim "inventory" rackproof inventory
claim "PCI devices have names, from the archive's list" says "Virtio" rackproof inventory --pci-dump /tmp/dump
claim "stressors" says compute.gemm rackproof stressors
claim "finds the profiles that came along" says generic-host rackproof profile list
claim "a qualification" says "PASS: tiny-host" rackproof run /tmp/tiny-host.yaml --out /tmp/bundle
printf 'keys: [{role: station, key: /root/.config/rackproof/station.pub.pem}]\n' > "$root/tmp/trust.yaml"
claim "its bundle verifies" says PASS rackproof verify /tmp/bundle --trust /tmp/trust.yaml
claim "no library but its own and glibc's is used, by its workers neither" only_own_libraries devices
claim "LD_LIBRARY_PATH leads no library astray" not_led_astray
mv "$root$at" "$root/srv/elsewhere"
at=/srv/elsewhere
claim "moved: version" says "rackproof " rackproof version
claim "moved: profiles" says generic-host rackproof profile list
claim "moved: a stressor" rackproof stress compute.gemm --for '1 s' --on cpu --with size=128 --quiet
claim "every library has a licence" sh -c "[ \$(wc -l < '$root$at/share/doc/rackproof/BUNDLED') -gt 5 ] && [ -n \"\$(ls '$root$at'/share/doc/rackproof/licences)\" ]"
claim "without /proc the loader says that it finds no library" lost_without_proc
[ $failures -eq 0 ]
