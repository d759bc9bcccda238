#!/bin/sh
# Entrypoint of the launcher image: runs a session libvirtd, and stays exactly as long as the guest does.
#
#   * The agent defines and starts the domain through libvirtd's socket. It may die and return at any time; what happens
#     here does not depend on it.
#   * QEMU is not this script's child. How it ended is read from the log libvirt keeps of the domain: libvirtd appends
#     "shutting down, reason=…" when QEMU is gone, also for one that ended while libvirtd was down. `tail -F` waits for
#     that line in the kernel (inotify), so an idle pod uses no CPU at all.
#   * A dead libvirtd is started again; the guest does not notice.
#   * SIGTERM (the pod is deleted, the node drained): the guest is asked to power off, and again every 5 s, since one
#     that is still booting does not hear it. At the end of its grace period plus 15 s it is destroyed.
#
# Exit status: 0 the guest powered off, was destroyed, or never started before SIGTERM; 1 it crashed; 2 this script
# could not do its work; 143 SIGTERM came to a VM with a liveness probe: kubelet may have ended a guest that hung, which
# is no good end (src/agent-api/instance-end.ts). Why, in a sentence: /dev/termination-log. For the agent:
# $VM_DIR/result, and $VM_DIR/told-to-stop from the moment of SIGTERM on.
set -u
umask 077

# From the pod (src/launcher/containers.ts).
: "${VMI_UID:?}" "${DOMAIN_NAME:?}" "${XDG_RUNTIME_DIR:?}" "${XDG_CONFIG_HOME:?}" "${XDG_CACHE_HOME:?}" "${HOME:?}"
GRACE=${GRACE_PERIOD_SECONDS:-30}
LIVENESS_PROBE=${LIVENESS_PROBE:-}
# Overridden by the tests only.
PRIVATE_DIR=${PRIVATE_DIR:-/var/run/kubevirt-private}
EPHEMERAL_DIR=${EPHEMERAL_DIR:-/var/run/kubevirt-ephemeral-disks}
TERMINATION_LOG=${TERMINATION_LOG:-/dev/termination-log}
LIBVIRTD=${LIBVIRTD:-/usr/sbin/libvirtd}
VIRSH=${VIRSH:-virsh}
# What runs in the containers of the VM's images, to be ended with the guest.
STAY=${STAY:-/init/usr/bin/busybox}
# How long libvirtd answers after the guest's end, for an agent that wants to see it with its own eyes.
LINGER=${LINGER:-2}

# Of the containers that share directories with the guest (src/launcher/shared-directories.ts).
FILESYSTEM_SOCKETS=${FILESYSTEM_SOCKETS:-}
# The file that another one prints (src/launcher/console-log.sh).
SERIAL_LOG=${SERIAL_LOG:-}
VIRTIOFSD=${VIRTIOFSD:-/usr/libexec/virtiofsd}

VM_DIR=$PRIVATE_DIR/$VMI_UID
LIBVIRT_DIR=$XDG_RUNTIME_DIR/libvirt
PIDFILE=$LIBVIRT_DIR/qemu/run/$DOMAIN_NAME.pid
DOMAIN_LOG=$XDG_CACHE_HOME/libvirt/qemu/log/$DOMAIN_NAME.log
# libvirt's own line, not one that QEMU wrote. A start that failed (reason=failed) is not an end: the agent sees the
# error and decides.
END='^[0-9-]* [0-9:.+]*: shutting down, reason=[^f]'

say() { echo "launcher: $*" >&2; }

write_config() {
  mkdir -p "$XDG_RUNTIME_DIR" "$XDG_CONFIG_HOME/libvirt" "$XDG_CACHE_HOME" "$HOME" "$VM_DIR" \
    "$EPHEMERAL_DIR/disk-data" "$EPHEMERAL_DIR/emptydisks" "$EPHEMERAL_DIR/cloud-init" "${DOMAIN_LOG%/*}" || return 1
  # The same text as in libvirt-settings.ts, which says why and which the plugin writes; a test compares them.
  cat >"$XDG_CONFIG_HOME/libvirt/qemu.conf" <<-END_OF_FILE
	stdio_handler = "file"
	security_driver = "none"
	seccomp_sandbox = 1
	END_OF_FILE
  cat >"$XDG_CONFIG_HOME/libvirt/libvirtd.conf" <<-END_OF_FILE
	min_workers = 1
	max_workers = 8
	prio_workers = 1
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	unix_sock_rw_perms = "0700"
	log_level = 4
	log_outputs = "4:stderr"
	END_OF_FILE
}

# Keeps libvirtd running, in a subshell of its own. A libvirtd that dies at once is tried again at leisure.
supervise() {
  child=
  trap 'trap - TERM; [ -n "$child" ] && kill "$child" 2>/dev/null; wait; exit 0' TERM
  while :; do
    # libvirtd is idle, and what it freed after asking QEMU what it can do should not stay its own: 6 MiB, which a
    # thread's cache of small pieces keeps from going back; an arena per thread would be another (ADR 25).
    MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 "$LIBVIRTD" &
    child=$!
    wait "$child"
    say "libvirtd ended with status $?; starting it again"
    sleep 1
  done
}

virsh_() { timeout 10 "$VIRSH" -q -c "qemu:///session?socket=$LIBVIRT_DIR/libvirt-sock" "$@" >/dev/null 2>&1; }

# Before its first domain libvirtd asks QEMU what it can do, by starting it twice: 2 s or so. That may as well happen
# while the agent prepares the VM's volumes.
warm_up() {
  waited=0
  while [ ! -S "$LIBVIRT_DIR/libvirt-sock" ] && [ "$waited" -lt 50 ]; do sleep 0.2; waited=$((waited + 1)); done
  virsh_ domcapabilities
}

# The pid of a QEMU that runs. A pidfile may be left over from one that ended while libvirtd was down.
qemu_pid() {
  pid=
  [ -s "$PIDFILE" ] && read -r pid <"$PIDFILE"
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ -d "/proc/$pid" ] && grep -q qemu "/proc/$pid/cmdline" 2>/dev/null
}

# Why the guest ended, by the last such line of its log; empty while it has not.
end_reason() { grep "$END" "$DOMAIN_LOG" 2>/dev/null | tail -n 1 | sed 's/.*reason=//'; }

power_off() {
  say "asking the guest to power off, for at most $((GRACE + 15)) s"
  waited=0
  # Without a grace period there is nothing to ask for.
  while [ "$GRACE" -gt 0 ] && [ "$waited" -lt $((GRACE + 15)) ]; do
    qemu_pid || return
    [ $((waited % 5)) -eq 0 ] && virsh_ shutdown "$DOMAIN_NAME"
    sleep 1
    waited=$((waited + 1))
  done
  qemu_pid || return
  say "the guest has not powered off; destroying it"
  virsh_ destroy "$DOMAIN_NAME" || { qemu_pid && kill "$pid"; }
  waited=0
  while qemu_pid && [ "$waited" -lt 10 ]; do sleep 1; waited=$((waited + 1)); done
  qemu_pid && kill -KILL "$pid"
}

# QEMU connects to them as it starts, and would not wait. One that is still missing then, it names.
await_filesystems() {
  waited=0
  for socket in $FILESYSTEM_SOCKETS; do
    while [ ! -S "$socket" ] && [ "$waited" -lt 50 ]; do sleep 0.2; waited=$((waited + 1)); done
  done
}

# Ends what keeps the images' containers, and those of file systems: same uid, shared PID namespace. They ignore SIGTERM,
# and end with status 0 by this signal alone (src/launcher/containers.ts).
end_others() {
  for directory in /proc/[0-9]*; do
    case $(tr '\0' ' ' 2>/dev/null <"$directory/cmdline" | cut -d' ' -f1,2) in
      "$STAY sleep" | "$VIRTIOFSD --socket-path="*) kill -USR1 "${directory#/proc/}" ;;
    esac
  done 2>/dev/null
}
end_images() {
  for file in $FILESYSTEM_SOCKETS $SERIAL_LOG; do : >"${file%/*}/ended"; done
  end_others
  # Whoever looked for the file just before it was there has started another virtiofsd by now.
  [ -z "$FILESYSTEM_SOCKETS" ] || { sleep 1; end_others; }
}

# $1 exit status, $2 reason, $3 sentence.
finish() {
  printf '{"state":"shutoff","reason":"%s"}\n' "$2" >"$VM_DIR/result.new" && mv "$VM_DIR/result.new" "$VM_DIR/result"
  printf '%s' "$3" >"$TERMINATION_LOG"
  say "$3"
  sleep "$LINGER"
  kill "$supervisor" 2>/dev/null
  wait "$supervisor" 2>/dev/null
  # One that the agent started in the very last moment.
  qemu_pid && kill -KILL "$pid"
  end_images
  [ -z "$told" ] || [ -z "$LIVENESS_PROBE" ] || exit 143
  exit "$1"
}

stopping=
told=
watcher=
trap 'stopping=yes; : 2>/dev/null >"$VM_DIR/told-to-stop"; [ -n "$watcher" ] && kill "$watcher" 2>/dev/null' TERM INT

if ! write_config; then
  say "cannot prepare $PRIVATE_DIR"
  printf 'The launcher cannot write to %s.' "$PRIVATE_DIR" >"$TERMINATION_LOG"
  exit 2
fi
: >>"$DOMAIN_LOG"
await_filesystems
supervise &
supervisor=$!
warm_up &

# A FIFO rather than a pipe, so that both ends have a pid of ours to end.
rm -f "$VM_DIR/log.fifo"
mkfifo "$VM_DIR/log.fifo"
tail -n +1 -F "$DOMAIN_LOG" >"$VM_DIR/log.fifo" 2>/dev/null &
tail=$!
grep -m 1 -q "$END" <"$VM_DIR/log.fifo" &
watcher=$!
# A SIGTERM until here found no watcher to end.
[ -n "$stopping" ] && kill "$watcher" 2>/dev/null

wait "$watcher"
ran=
if [ -n "$stopping" ] && qemu_pid; then
  ran=yes
  power_off
fi
kill "$tail" "$watcher" 2>/dev/null

# libvirtd logs the end, then ends QEMU; or it has yet to notice what a kill did.
waited=0
while [ "$waited" -lt 10 ] && { qemu_pid || { [ -n "$ran" ] && [ -z "$(end_reason)" ]; }; }; do
  sleep 1
  waited=$((waited + 1))
done

reason=$(end_reason)
# Told to stop while the guest ran, or before: the agent's own SIGTERM, when it has seen the guest end, is no such word.
told=$ran
[ -n "$reason" ] || told=$stopping
[ -n "$stopping" ] && reason=${reason:-${ran:+destroyed}}
case $reason in
  shutdown) finish 0 shutdown 'The guest powered off.' ;;
  destroyed) finish 0 destroyed 'The guest was stopped.' ;;
  '') [ -n "$stopping" ] && finish 0 none 'The pod was told to stop before its guest ran.' ;;
esac
finish 1 crashed "QEMU ended unexpectedly (${reason:-unknown}): $(tail -n 3 "$DOMAIN_LOG" 2>/dev/null | cut -c1-300)"
