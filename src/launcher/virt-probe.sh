#!/bin/sh
# What kubelet runs in a launcher's container to ask the guest by its agent (src/launcher/probes.ts):
#
#   virt-probe SECONDS ping [or-paused]        whether the agent answers; or the guest is paused by its user
#   virt-probe SECONDS exec COMMAND [ARG]...   the status of a command that the agent runs in the guest
#
# A ping is answered while the VMI says so (annotation kubevirt.io/pause-guest-agent-probes; virt-agent writes a file).
# It ends with 0, with the status of the command, or with 1 where the guest or the command cannot be asked.
set -u

: "${DOMAIN_NAME:?}" "${XDG_RUNTIME_DIR:?}"
VIRSH=${VIRSH:-virsh}
# Overridden by the tests only.
PRIVATE_DIR=${PRIVATE_DIR:-/var/run/kubevirt-private}
seconds=$1 what=$2
shift 2

# The last thing that is said is what `kubectl describe pod` shows.
fail() { echo "$*" >&2; exit 1; }

agent() {
  timeout "$((seconds + 1))" "$VIRSH" -q -c "qemu:///session?socket=$XDG_RUNTIME_DIR/libvirt/libvirt-sock" \
    qemu-agent-command --timeout "$seconds" "$DOMAIN_NAME" "$1" 2>/dev/null
}

# A guest that is paused for an error of its disk, say, is no better than one that hangs.
paused() {
  timeout 5 "$VIRSH" -q -c "qemu:///session?socket=$XDG_RUNTIME_DIR/libvirt/libvirt-sock" \
    domstate --reason "$DOMAIN_NAME" 2>/dev/null | grep -q '^paused (user)'
}

# A JSON string. Control characters are refused: they would need escapes of their own, and no command has them.
text() {
  case $1 in *[[:cntrl:]]*) fail 'a command with control characters cannot be run' ;; esac
  printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

case $what in
  ping)
    [ ! -e "$PRIVATE_DIR/${VMI_UID:-}/probes-paused" ] || exit 0
    agent '{"execute":"guest-ping"}' >/dev/null || { [ "${1:-}" = or-paused ] && paused; } ||
      fail 'the agent in the guest does not answer'
    ;;
  exec)
    path=$(text "$1") || exit 1
    shift
    arguments=
    for argument; do
      argument=$(text "$argument") || exit 1
      arguments=${arguments:+$arguments,}$argument
    done
    started=$(agent "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":$path,\"arg\":[$arguments]}}") ||
      fail "the agent in the guest does not run $path"
    pid=$(printf '%s' "$started" | sed -n 's/.*"pid": *\([0-9][0-9]*\).*/\1/p')
    [ -n "$pid" ] || fail "the agent in the guest does not run $path"
    tries=$((seconds * 5))
    while [ "$tries" -gt 0 ]; do
      status=$(agent "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":$pid}}") ||
        fail 'the agent in the guest does not answer'
      case $status in
        *'"exited":true'* | *'"exited": true'*)
          code=$(printf '%s' "$status" | sed -n 's/.*"exitcode": *\([0-9][0-9]*\).*/\1/p')
          # One that a signal ended has none.
          exit "$([ -n "$code" ] && [ "$code" -le 255 ] && echo "$code" || echo 1)"
          ;;
      esac
      sleep 0.2
      tries=$((tries - 1))
    done
    fail "$path has not ended within $seconds s"
    ;;
  *) fail "virt-probe: no such question: $what" ;;
esac
