#!/bin/sh
# What CPUs guests can have on this node: in libvirt's words, from the launcher image's own libvirt and QEMU.
#
# After kvm-self-test.sh, in the same init container of the agent's DaemonSet:
#   cpu-models.sh RESULT_OF_THE_SELF_TEST RESULT_FILE
# writes libvirt's domain capabilities (KVM's where KVM works, else those of emulation) and all features of the host's
# model to RESULT_FILE, and always ends with status 0: without them no VM that names a model is placed here, all others are.
set -u
kvm=${1:?usage: cpu-models.sh RESULT_OF_THE_SELF_TEST RESULT_FILE}
result=${2:?usage: cpu-models.sh RESULT_OF_THE_SELF_TEST RESULT_FILE}
type=qemu
[ "$(head -n 1 "$kvm" 2>/dev/null)" = true ] && type=kvm
work=$result.work
mkdir -p "$work" && trap 'rm -rf "$work"' EXIT

# No daemon: libvirt's driver in virsh itself.
ask() { HOME=$work timeout --signal=KILL 60 virsh --quiet -c "qemu:///embed?root=$work/libvirt" "$@"; }

if ask domcapabilities --virttype "$type" --machine q35 >"$work/capabilities" &&
  ask hypervisor-cpu-baseline --virttype "$type" --machine q35 --features "$work/capabilities" >"$work/features"; then
  cat "$work/capabilities" "$work/features" >"$result.new" && mv "$result.new" "$result"
  echo "cpu-models: $(grep -c "<model usable='yes'" "$result") models of $type"
else
  rm -f "$result"
  echo 'cpu-models: libvirt did not say'
fi
exit 0
