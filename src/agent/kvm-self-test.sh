#!/bin/sh
# Proves that KVM works here, which the presence of /dev/kvm does not: nested virtualization may be off, or the device
# may be a stub. A guest without disk or network runs for a moment under KVM; it halts at once or idles in the firmware.
#
# An init container of the agent's DaemonSet, from the launcher image, with the host's /dev/kvm:
#   kvm-self-test.sh RESULT_FILE
# writes `true` or `false` (and a line with the reason) to RESULT_FILE, and always ends with status 0: a node without KVM
# is a node all the same.
set -u
result=${1:?usage: kvm-self-test.sh RESULT_FILE}
device=${KVM_DEVICE:-/dev/kvm}
qemu=${QEMU:-qemu-system-$(uname -m)}

conclude() {
  printf '%s\n%s\n' "$1" "$2" >"$result.new" && mv "$result.new" "$result"
  echo "kvm-self-test: usable=$1: $2"
  exit 0
}

[ -e "$device" ] || conclude false "there is no $device on this node"
[ -c "$device" ] || conclude false "$device is not a device"

# The monitor's `quit` on standard input ends the guest; -S is not given, so the vCPU enters KVM at least once. A CPU that
# cannot run under KVM makes QEMU fail ("failed to initialize kvm") or the vCPU stop ("internal-error").
machine='-machine q35'
[ "$(uname -m)" = aarch64 ] && machine='-machine virt -cpu host'
# shellcheck disable=SC2086
output=$( (sleep 1; echo 'info status'; echo quit) |
  timeout --signal=KILL 5 "$qemu" -nodefaults -no-user-config $machine -accel kvm -m 32 -display none -serial none \
    -monitor stdio 2>&1)
status=$?
if [ "$status" -eq 0 ] && printf '%s' "$output" | grep -q 'VM status: running'; then
  conclude true 'a guest ran under KVM'
fi
conclude false "$(printf '%s' "$output" | grep -iE 'kvm|error|status:' | head -n 2 | tr '\n' ' ' | cut -c1-300) (exit status $status)"
