import { shownBy, type Difference } from './difference.js';

/**
 * Differences that show later in an object's life, at updates and when a pod is taken away: no case can show them,
 * tests of their own do.
 */

export const LATER_DIFFERENCES: readonly Difference[] = [
  {
    id: 'update.no-defaults',
    kubevirt: 'writes architecture, machine type and storage classes into a VirtualMachine that is updated',
    here: 'does not rewrite it, but for what identifies the guest (UUID, serial number, MAC addresses) and is left out',
    why: 'a manifest kept in git sees no drift, and a guest stays the same machine',
    ...shownBy(
      'test/unit/admission/updates.test.ts',
      'is not rewritten, but for what identifies the guest and is left out',
    ),
  },
  {
    id: 'state.instancetype-revision',
    kubevirt:
      'takes the ControllerRevision that a VM names or has captured, whoever owns it, and does not start a VM whose captured one is gone',
    here: 'takes those alone that the VM owns; where the captured one is gone, the instance type as it is now is captured',
    why: 'a copy is believed by its owner, and a deleted one is how a VM takes the newest',
    ...shownBy('test/unit/instancetypes/find.test.ts', 'believes no revision that the VM does not own'),
  },
  {
    id: 'more.instancetype-infer',
    kubevirt:
      'infers an instance type also from the labels of a VolumeSnapshot, of a DataSource, and of a claim in another namespace',
    here: 'from claims, DataVolumes and their templates in the VM’s namespace; for the others it says which label to set where',
    why: 'whether another namespace has a claim is not the requester’s to learn, and admission calls nobody',
    ...shownBy('test/unit/instancetypes/infer.test.ts', 'does not look into other namespaces'),
  },
  {
    id: 'default.preference-in-vm',
    kubevirt: 'writes the preferred machine type, architecture and storage class into the VirtualMachine',
    here: 'applies them to what is made of it; the VirtualMachine stays as it was written',
    why: 'a manifest kept in git sees no drift',
    ...shownBy(
      'test/unit/controller/vm/instancetypes.test.ts',
      'starts with what that gives, keeps a copy of it, and says so',
    ),
  },
  {
    id: 'update.agent',
    kubevirt:
      'lets its node agent change the spec of a VMI, and does not look at its node while a VMI is being deleted',
    here: 'does not let it, and looks',
    why: 'an attacker who has broken into a node reaches no VM of another',
    ...shownBy('test/unit/admission/updates.test.ts', 'keeps its spec and the labels by which agents find their VMs'),
  },
  {
    id: 'update.stop',
    kubevirt: 'checks a template again when its own programs stop the VM',
    here: 'does not',
    why: 'a VM that today’s rules refuse would run forever',
    ...shownBy('test/unit/admission/updates.test.ts', 'is not theirs to mend'),
  },
  {
    id: 'update.all-causes',
    kubevirt: 'reports one violation of the rules of hotplug, whichever its map gives first',
    here: 'reports every one, in the order of the spec',
    why: 'all causes at once',
    ...shownBy(
      'test/unit/admission/updates.test.ts',
      'reports every violation, in the order of the spec, each time the same',
    ),
  },
  {
    id: 'evict.rerun-on-failure',
    kubevirt:
      'leaves a VM of run strategy `RerunOnFailure` off after an eviction or a deletion of its pod, when its guest shut down cleanly',
    here: 'starts it again, on another node where one is free; a guest that powers itself off, or is stopped by its owner meanwhile, stays off',
    why: 'the guest did not want to end: the cluster took its pod away, and a drain is no wish for less VMs ([evictions](eviction.md))',
    ...shownBy(
      'test/unit/controller/reconcile.test.ts',
      'drained while no controller ran, RerunOnFailure still starts another VMI',
    ),
  },
  {
    id: 'evict.fail-open',
    kubevirt: 'refuses evictions of launcher pods while its webhook does not answer',
    here: 'lets them go on: the guest powers off in order, and a PodDisruptionBudget holds',
    why: 'before Kubernetes 1.28 such a webhook is asked about every pod, and nobody’s drain may depend on us ([ADR 9](adr/0009-evictions-fail-open.md))',
    ...shownBy(
      'test/unit/manifests/manifests.test.ts',
      'never stop an eviction because no webhook answers, and let a dry run through',
    ),
  },
  {
    id: 'state.try-now',
    kubevirt:
      'refuses the start of a VM whose strategy starts it by itself (409), also while it waits for its next try',
    here: 'ends the wait: a start under `Always`, `RerunOnFailure` or `Once`, or a restart, is the next try, at once',
    why: 'who asks has put something right',
    ...shownBy(
      'test/unit/webhook/subresources/state-change.test.ts',
      'ends the back-off of a VM that its strategy starts again by itself, and so does a restart',
    ),
  },
  {
    id: 'state.words',
    kubevirt:
      'shows Starting, or a general error, while a VM waits for what its namespace lacks, and Stopped in the middle of a restart',
    here: 'names what is missing (`ErrorSecretNotFound`, `ErrorQuotaExceeded`, `ErrorPodSecurity` …), and a restart is Stopping, Starting, Running',
    why: 'the column says what to do',
    ...shownBy(
      'test/unit/controller/vm/printable-status.test.ts',
      'has a case for each word, in the order of the reference',
    ),
  },
  {
    id: 'state.last-termination',
    kubevirt: 'keeps nothing of an instance that has ended and gone',
    here: 'keeps how, when and by whom it ended, with its last words, in `status.lastTermination`',
    why: 'the reason of a crash is read after the crash',
    ...shownBy(
      'test/unit/controller/vm/last-termination.test.ts',
      'stays when the instance is deleted and gone, and is bounded and visible, whoever wrote it',
    ),
  },
  {
    id: 'state.codes',
    kubevirt:
      'answers a restart during a restart with 500, and a console of a VM that is about to get its instance with 404',
    here: 'answers 409, and 400 with the reason in `details.causes`, on which the official client waits',
    why: '`virtctl start web && virtctl console web` works',
    ...shownBy(
      'test/unit/webhook/subresources/instance-actions.test.ts',
      'is not repeated by anybody, so it is no 400',
    ),
  },
  {
    id: 'state.port-forward',
    kubevirt: 'connects to a port of a guest from its API server, at the address of the first interface',
    here: 'connects in the VM’s own pod, at the guest’s address on the pod network, whatever `ports` and network policies close to others',
    why: 'works with every binding, and leads nowhere else',
    ...shownBy(
      'test/security/integration/port-forward.test.ts',
      'never reaches the node, the agent, the pod itself or its network',
    ),
  },
  {
    id: 'state.viewers',
    kubevirt: 'shows a screen to one viewer at a time',
    here: 'shows it to eight more that look on (`vnc?watch=true`), whose keys the agent drops, and lets nobody put others out',
    why: 'people watch what somebody does, and are not to do it by accident',
    ...shownBy('test/unit/agent/api/rfb-client.test.ts', 'asks for pictures, and shares the screen whatever it says'),
  },
  {
    id: 'state.freeze',
    kubevirt: 'freezes a guest for ever where `unfreezeTimeout` is 0',
    here: 'asks for a time from above 0 to 24h, and thaws it when the agent of the node was restarted, with a Warning event',
    why: 'a guest that stays frozen is dead, and a copy that was not consistent must not pass for one',
    ...shownBy(
      'test/unit/agent/vm/freezer.test.ts',
      'are thawed by the next agent of the node, which does not know the time, and by no other',
    ),
  },
];
