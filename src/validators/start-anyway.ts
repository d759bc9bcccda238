/**
 * Rules that do not hold the start of a VM or a replica which was stored before they were there: with what they refuse
 * the guest runs all the same, and nobody is less safe for it. virt-controller makes the VMI from what is stored, and
 * no other VMI is let past them. Every other rule holds each start: those on names, paths and identities because the
 * agent relies on them as root, feature gates because switching one off is meant to end what it allows, those on
 * amounts of the pod because the API server refuses it too. The reason is then in the VM's condition Failure.
 */
export const START_ANYWAY: ReadonlySet<string> = new Set([
  // The guest gets its sockets; no more are added while it runs.
  'cpu.max-sockets',
  // The field stands; the annotation says nothing then.
  'ann.vcpu-count-conflict',
  'ann.system-uuid-conflict',
  // A network that no card is connected to.
  'net.no-iface',
  // The image that is made for the guest has no such limit.
  'ci.user-size',
  'ci.net-size',
]);
