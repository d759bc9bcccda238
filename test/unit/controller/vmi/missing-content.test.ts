import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import type { Volume } from '../../../../src/api/schema/volumes.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { missingSince, mountProblemOf, renewedIn } from '../../../../src/controller/vmi/missing-content.js';
import { instance, NOW, pod } from '../objects.js';

const ago = (seconds: number): string => timestamp(NOW - seconds * 1000);
const having = (...volumes: Volume[]): VirtualMachineInstance => {
  const vmi = instance();
  return { ...vmi, spec: { ...vmi.spec, volumes } };
};

describe('content that a volume names and that is missing', () => {
  const table: [Volume[], string, string, string][] = [
    [
      [{ name: 'd', secret: { secretName: 'nope' } }],
      'MountVolume.SetUp failed for volume "volumed" : secret "nope" not found',
      'SecretNotFound',
      'volume d: Secret nope does not exist in namespace ns: create it, and the VM starts',
    ],
    [
      [{ name: 'my_conf', configMap: { name: 'nope' } }],
      'MountVolume.SetUp failed for volume "volume-my-conf-12345" : configmap "nope" not found',
      'ConfigMapNotFound',
      'volume my_conf: ConfigMap nope does not exist in namespace ns: create it, and the VM starts',
    ],
    [
      [
        { name: 'init', cloudInitNoCloud: { secretRef: { name: 'a' }, networkDataSecretRef: { name: 'nope' } } },
        { name: 'same', secret: { secretName: 'nope' } },
      ],
      'MountVolume.SetUp failed for volume "volumeinit" : [secret "nope" not found, secret "a" not found]',
      'SecretNotFound',
      'volume init, same: Secret nope does not exist in namespace ns: create it, and the VM starts',
    ],
    [
      [{ name: 'sys', sysprep: { configMap: { name: 'nope' } } }],
      'MountVolume.SetUp failed for volume "volumesys" : configmap "nope" not found',
      'ConfigMapNotFound',
      'volume sys: ConfigMap nope does not exist in namespace ns: create it, and the VM starts',
    ],
    [
      [{ name: 'd', secret: { secretName: 'there' } }],
      'MountVolume.SetUp failed for volume "volumed" : references non-existent secret key: x',
      'FailedMount',
      'MountVolume.SetUp failed for volume "d" : references non-existent secret key: x',
    ],
  ];
  for (const [volumes, text, reason, message] of table)
    it(message, () => assert.deepEqual(mountProblemOf(having(...volumes), text), { reason, message }));

  it('is bounded and visible, whatever a driver says', () => {
    const { message } = mountProblemOf(having(), `\u001b[2J${'x'.repeat(100_000)}`);
    assert.ok(message.length <= 1024 && message.startsWith('\\x1b[2J'));
  });

  const since = (seconds: number, reason = 'SecretNotFound'): VirtualMachineInstance => {
    const told = { type: 'Synchronized', status: 'False', reason, message: 'm', lastTransitionTime: ago(seconds) };
    return instance({ phase: 'Scheduling', conditions: [told] });
  };
  const waiting = (age: number, status = {}) =>
    pod(
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'True' }],
        containerStatuses: [{ name: 'compute', state: { waiting: { reason: 'ContainerCreating' } } }],
        ...status,
      },
      { creationTimestamp: ago(age) },
    );

  it('has its pod made again, more rarely the longer it is missing', () => {
    const table = [
      [5, 6, 10_000],
      [110, 16, 0],
      [130, 16, 16_000],
      [130, 32, 0],
      [700, 32, 32_000],
      [86_400, 64, 0],
    ] as const;
    for (const [missing, age, left] of table) assert.equal(renewedIn(since(missing), waiting(age), NOW), left);
    assert.equal(missingSince(since(5))?.message, 'm');
  });

  it('leaves a pod alone that waits for something else, or for nothing any more', () => {
    assert.equal(renewedIn(since(5, 'FailedMount'), waiting(500), NOW), undefined);
    assert.equal(renewedIn(instance({ phase: 'Scheduling' }), waiting(500), NOW), undefined);
    const running = [{ name: 'compute', state: { running: {} } }];
    assert.equal(renewedIn(since(5), waiting(500, { containerStatuses: running }), NOW), undefined);
    const pulling = [{ name: 'compute', state: { waiting: { reason: 'ErrImagePull' } } }];
    assert.equal(renewedIn(since(5), waiting(500, { containerStatuses: pulling }), NOW), undefined);
    assert.equal(renewedIn(since(5), waiting(500, { conditions: [] }), NOW), undefined);
  });
});
