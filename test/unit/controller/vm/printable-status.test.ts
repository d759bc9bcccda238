import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import {
  PRINTABLE_STATUSES,
  printableStatus,
  type PrintableInput,
} from '../../../../src/controller/vm/printable-status.js';
import { instance, machine, NOW } from '../objects.js';

const DELETED = { deletionTimestamp: timestamp(NOW) };
const failing = { consecutiveFailCount: 2, retryAfterTimestamp: timestamp(NOW) };
const waiting = (type: string, reason: string, phase = 'Scheduling'): VirtualMachineInstance =>
  instance({ phase, conditions: [{ type, status: 'False', reason, message: 'm' }] });
const running = instance({ phase: 'Running' });

/** Of the same instance: no node takes its pod. */
const unbound = (reason: string): VirtualMachineInstance => {
  const vmi = waiting('Synchronized', reason);
  const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
  return { ...vmi, status: { ...vmi.status, conditions: [...(vmi.status?.conditions ?? []), scheduled] } };
};

/** Ours: what the instance's condition Synchronized names. */
const NAMED: [string, string][] = [
  ['FailedPvcDeleted', 'ErrorPvcDeleted'],
  ['ClaimInUse', 'ErrorPvcInUse'],
  ['BlockVolumeDisabled', 'ErrorBlockVolumeDisabled'],
  ['SecretNotFound', 'ErrorSecretNotFound'],
  ['ConfigMapNotFound', 'ErrorConfigMapNotFound'],
  ['ServiceAccountNotFound', 'ErrorServiceAccountNotFound'],
  ['PriorityClassNotFound', 'ErrorPriorityClassNotFound'],
  ['RuntimeClassNotFound', 'ErrorRuntimeClassNotFound'],
  ['QuotaExceeded', 'ErrorQuotaExceeded'],
  ['LimitRangeExceeded', 'ErrorLimitRangeExceeded'],
  ['PodSecurityViolation', 'ErrorPodSecurity'],
  ['PodRefused', 'ErrorPodRefused'],
  ['FailedMount', 'ErrorFailedMount'],
  ['Synchronizing with the Domain failed.', 'ErrorSyncFailed'],
];

const CASES: [string, string, Partial<PrintableInput>][] = [
  [
    'a VM that is deleted, whatever its VMI does',
    'Terminating',
    { vm: machine({}, { metadata: DELETED }), vmi: running },
  ],
  ['a guest that is asked to power off', 'Stopping', { vmi: instance({ phase: 'Running' }, DELETED) }],
  [
    'a guest that will be another one in a moment',
    'Stopping',
    { vmi: instance({ phase: 'Running' }, DELETED), runsAgain: true },
  ],
  [
    'a paused guest that is to end',
    'Stopping',
    { vmi: instance({ phase: 'Running', conditions: [{ type: 'Paused', status: 'True' }] }, DELETED) },
  ],
  ['a VMI that ends before it ran', 'Stopping', { vmi: instance({ phase: 'Scheduling' }, DELETED) }],
  [
    'a paused guest',
    'Paused',
    { vmi: instance({ phase: 'Running', conditions: [{ type: 'Paused', status: 'True' }] }) },
  ],
  ['a guest that runs', 'Running', { vmi: running }],
  ['a guest that runs, in spite of a DataVolume', 'Running', { vmi: running, storage: 'DataVolumeError' }],
  ['a claim that is not there', 'ErrorPvcNotFound', { vmi: waiting('Synchronized', 'FailedPvcNotFound', 'Pending') }],
  ['an import that failed', 'DataVolumeError', { storage: 'DataVolumeError' }],
  [
    'an import that failed, of a VM that is to start',
    'DataVolumeError',
    { storage: 'DataVolumeError', startPending: true, startFailure: failing },
  ],
  ['a pod for which there is no node', 'ErrorUnschedulable', { vmi: waiting('PodScheduled', 'Unschedulable') }],
  ['an import that goes on', 'Provisioning', { storage: 'Provisioning' }],
  [
    'a claim that is bound with its first user',
    'WaitingForVolumeBinding',
    { storage: 'WaitingForVolumeBinding', startPending: true },
  ],
  ['the same, of a VM that is off', 'Stopped', { storage: 'WaitingForVolumeBinding' }],
  ['a claim that nothing binds', 'WaitingForVolumeBinding', { vmi: unbound('ClaimNotBound') }],
  ['a claim of an unknown class', 'ErrorStorageClassNotFound', { vmi: unbound('StorageClassNotFound') }],
  ['a claim without its volume', 'ErrorPvcLost', { vmi: unbound('ClaimLost') }],
  ...NAMED.map(([reason, word]): (typeof CASES)[number] => [reason, word, { vmi: waiting('Synchronized', reason) }]),
  ['an image that cannot be pulled', 'ErrImagePull', { vmi: waiting('Synchronized', 'ErrImagePull') }],
  ['the same after a while', 'ImagePullBackOff', { vmi: waiting('Synchronized', 'ImagePullBackOff') }],
  ['a VMI that was just created', 'Starting', { vmi: instance({}) }],
  ['a VMI without a pod', 'Starting', { vmi: waiting('Synchronized', 'FailedCreate', 'Pending') }],
  ['a VMI that starts, after failures', 'Starting', { vmi: instance({ phase: 'Scheduled' }), startFailure: failing }],
  ['a VM whose VMI is due', 'Starting', { startPending: true }],
  [
    'a restart, between the old guest and the new',
    'Starting',
    { vmi: instance({ phase: 'Succeeded' }, DELETED), runsAgain: true },
  ],
  [
    'a guest that crashed and is replaced',
    'Starting',
    { vmi: instance({ phase: 'Failed' }, DELETED), runsAgain: true },
  ],
  ['starts that fail, before the next', 'CrashLoopBackOff', { startPending: true, startFailure: failing }],
  [
    'a start that has just failed',
    'CrashLoopBackOff',
    { vmi: instance({ phase: 'Failed' }, DELETED), startFailure: failing, runsAgain: true },
  ],
  ['a failed start of a VM that is not started again', 'Stopped', { strategy: 'Manual', startFailure: failing }],
  ['a guest that powered off', 'Stopped', { vmi: instance({ phase: 'Succeeded' }) }],
  [
    'a guest that powered off and stays, under a strategy that starts one without',
    'Stopped',
    { strategy: 'Once', vmi: instance({ phase: 'Succeeded' }), runsAgain: true },
  ],
  ['a VMI that has ended and goes', 'Stopped', { vmi: instance({ phase: 'Failed' }, DELETED) }],
  ['no VMI', 'Stopped', {}],
  ['a phase of another program', 'Unknown', { vmi: instance({ phase: 'Unknown' }) }],
];

describe('status of a VM in one word', () => {
  for (const [name, expected, input] of CASES) {
    it(`${expected}: ${name}`, () => {
      const rest = {
        vmi: undefined,
        strategy: 'Always',
        startFailure: undefined,
        startPending: false,
        runsAgain: false,
      } as const;
      assert.equal(printableStatus({ vm: machine(), ...rest, ...input }), expected);
    });
  }

  it('has a case for each word, in the order of the reference', () => {
    const words = [...new Set(PRINTABLE_STATUSES.map(({ word }) => word))];
    assert.deepEqual(words, [
      ...['Terminating', 'Stopping', 'Paused', 'Running', 'ErrorPvcNotFound', 'DataVolumeError'],
      ...['WaitingForVolumeBinding', 'ErrorStorageClassNotFound', 'ErrorPvcLost'],
      ...['ErrorUnschedulable', 'Provisioning', 'ErrImagePull', 'ImagePullBackOff'],
      ...NAMED.map(([, word]) => word),
      ...['Starting', 'CrashLoopBackOff', 'Stopped'],
    ]);
    const shown = new Set(CASES.map(([, word]) => word));
    assert.deepEqual(
      words.filter((word) => !shown.has(word)),
      [],
    );
  });
});
