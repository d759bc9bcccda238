#!/bin/sh
# Proves that KVM works here, which the presence of /dev/kvm does not: nested virtualization may be off, or the device
# may be a stub. A guest runs under KVM for a moment and must do something that it cannot do otherwise.
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

# That QEMU starts with KVM, and even that its firmware speaks, proves little: there are hypervisors whose KVM cannot
# return from an interrupt (seen: "internal-error" at IRET, Linux hangs at once). So a boot sector of 28 bytes waits for
# three ticks of the clock, which is three interrupts, and ends QEMU by its debug exit port with status 33.
#
#   sti; ds = 0; bx = [46Ch] + 3; wait: hlt; cmp [46Ch], bx; jl wait; out F4h, 10h
x86_proof() {
  boot=$result.boot
  printf '\373\061\300\216\330\241\154\004\211\303\203\303\003\364\241\154\004\071\330\174\370\260\020\346\364\364\353\375' >"$boot"
  # The firmware passes over a disk that is too small to be one.
  head -c 482 /dev/zero >>"$boot" && printf '\125\252' >>"$boot" && truncate -s 1M "$boot"
  output=$(timeout --signal=KILL 5 "$qemu" -nodefaults -no-user-config -machine q35 -accel kvm -m 32 -display none \
    -serial none -monitor none -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
    -drive "file=$boot,format=raw,if=none,id=boot" -device virtio-blk-pci,drive=boot,bootindex=1 2>&1 </dev/null)
  status=$?
  rm -f "$boot"
  [ "$status" -eq 33 ] && conclude true 'a guest ran under KVM'
  [ "$status" -eq 137 ] && conclude false 'a guest under KVM did not get as far as its third clock interrupt in 5 s'
}

# Elsewhere: the vCPU enters KVM at least once; one that cannot makes QEMU fail, or stops it ("internal-error").
other_proof() {
  output=$( (sleep 1; echo 'info status'; echo quit) |
    timeout --signal=KILL 5 "$qemu" -nodefaults -no-user-config -machine virt -cpu host -accel kvm -m 32 -display none \
      -serial none -monitor stdio 2>&1)
  status=$?
  [ "$status" -eq 0 ] && printf '%s' "$output" | grep -q 'VM status: running' && conclude true 'a guest ran under KVM'
}

if [ "$(uname -m)" = x86_64 ]; then x86_proof; else other_proof; fi
conclude false "$(printf '%s' "$output" | grep -iE 'kvm|error|status:' | head -n 2 | tr '\n' ' ' | cut -c1-300) (exit status $status)"
