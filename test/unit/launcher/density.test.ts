import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { MEBIBYTE, parseQuantity } from '../../../src/api/quantity.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { config, vmi } from '../domain/fixtures.js';

type Domain = VirtualMachineInstance['spec']['domain'];

const NODE = 24n * 1024n * MEBIBYTE;
const PAGE = readFileSync(new URL('../../../docs/density.md', import.meta.url), 'utf8');

/** What the pod of a VM of 1 vCPU, 1 GiB and one disk requests. */
const requested = (graphics: boolean, domain: Partial<Domain> = {}, configuration: KubeVirtConfiguration = {}) => {
  const devices = { autoattachGraphicsDevice: graphics, disks: [{ name: 'root' }] };
  const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'root' } }];
  const subject = vmi({ volumes }, { memory: { guest: '1Gi' }, ...domain }, devices);
  const pod = buildLauncherPod(subject, { config: config(configuration), launcherImage: 'localhost/launcher' });
  return parseQuantity(pod.spec.containers[0]!.resources.requests['memory']!).value();
};

/** Source: docs/reference/density-and-cpu.md §5.3. */
const OF_KUBEVIRT = (1024n + 2n + 240n + 8n + 8n) * MEBIBYTE;

describe('how many VMs fit on a node', () => {
  const half = { requests: { memory: '512Mi' } };
  for (const [what, bytes, fit] of [
    ['KubeVirt, without graphics', OF_KUBEVIRT, 19n],
    ['as it is, with graphics', requested(true), 21n],
    ['without graphics', requested(false), 22n],
    ['… and `overcommitGuestOverhead`', requested(false, { resources: { overcommitGuestOverhead: true } }), 24n],
    ['… and `requests.memory: 512Mi` for a guest of 1Gi', requested(false, { resources: half }), 40n],
    ['… both', requested(false, { resources: { ...half, overcommitGuestOverhead: true } }), 48n],
    [
      'cluster-wide `memoryOvercommit: 150`',
      requested(false, {}, { developerConfiguration: { memoryOvercommit: 150 } }),
      31n,
    ],
    [
      'Guaranteed (`limits.memory: 1Gi`), without graphics',
      requested(false, { resources: { limits: { memory: '1Gi' } } }),
      21n,
    ],
  ] as const)
    it(`as docs/density.md says: ${what}`, () => {
      assert.equal(NODE / bytes, fit);
      const mebibytes = Number((Number(bytes) / Number(MEBIBYTE)).toFixed(1));
      assert.ok(PAGE.includes(`| ${what} | ${mebibytes} MiB | ${fit} |`), `${mebibytes}`);
    });

  it('asks for an overhead of at most 100 MiB for 1 vCPU and 1 GiB without graphics', () => {
    assert.ok(requested(false) - 1024n * MEBIBYTE <= 100n * MEBIBYTE);
  });
});
