#!/bin/sh
# What runs in the container guest-console-log (src/launcher/console-log.ts):
#
#   virt-console-log FILE     prints what QEMU writes into the file, and keeps the file small
#
# A guest may talk without end. Of a second's words RATE bytes at most are printed, which kubelet keeps five logs of;
# when the file has grown beyond MOST bytes it begins anew (QEMU appends), and how much was not printed is said. Until
# the entrypoint, whose guest has ended, writes the file `ended` beside it; SIGTERM is ignored, because kubelet sends it
# to all containers at once, and a guest that shuts down still talks.
set -u
trap '' TERM

file=$1
RATE=${RATE:-262144}
MOST=${MOST:-1048576}
PAUSE=${PAUSE:-1}
printed=0 size=0

look() {
  size=$(stat -c %s "$file" 2>/dev/null) || size=0
  # It was begun anew by another hand.
  [ "$size" -ge "$printed" ] || printed=0
}

print_some() {
  some=$((size - printed))
  [ "$some" -gt 0 ] || return
  [ "$some" -le "$RATE" ] || some=$RATE
  tail -c +$((printed + 1)) "$file" | head -c "$some"
  printed=$((printed + some))
}

while :; do
  last=
  [ -e "${file%/*}/ended" ] && last=yes
  look
  print_some
  if [ "$size" -gt "$MOST" ]; then
    look
    : >"$file"
    [ "$size" -le "$printed" ] || printf '\n[guest-console-log: %s bytes were too many and are not shown]\n' $((size - printed))
    printed=0
  fi
  [ -z "$last" ] || [ "$printed" -lt "$size" ] || exit 0
  sleep "$PAUSE"
done
