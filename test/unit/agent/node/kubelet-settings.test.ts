import assert from 'node:assert/strict';
import { kubeletSettings } from '../../../../src/agent/node/kubelet-settings.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const of = (argv: readonly string[], ...files: readonly unknown[]) => kubeletSettings(argv, files, 16 * GIB);
const DEFAULTS = {
  evictionHardBytes: 104857600,
  evictionMaxPodGraceSeconds: 0,
  systemReservedBytes: 0,
  kubeReservedBytes: 0,
  failSwapOn: true,
  swapBehavior: 'NoSwap',
};

describe('what kubelet was told about memory', () => {
  it('is its defaults where nobody told it anything', () => {
    assert.deepEqual(of(['kubelet']), DEFAULTS);
    assert.deepEqual(of(['kubelet'], {}), DEFAULTS);
    assert.deepEqual(of(['kubelet'], undefined), DEFAULTS);
  });

  it('is in its configuration file', () =>
    assert.deepEqual(
      of(['kubelet', '--config=/x'], {
        evictionHard: { 'memory.available': '500Mi', 'nodefs.available': '10%' },
        evictionSoft: { 'memory.available': '5%' },
        evictionSoftGracePeriod: { 'memory.available': '1m30s' },
        evictionMaxPodGracePeriod: 60,
        systemReserved: { memory: '1Gi', cpu: '100m' },
        kubeReserved: { memory: 268435456 },
        failSwapOn: false,
        memorySwap: { swapBehavior: 'LimitedSwap' },
      }),
      {
        evictionHardBytes: 500 * MIB,
        evictionSoftBytes: Math.floor((16 * GIB * 5) / 100),
        evictionSoftGraceSeconds: 90,
        evictionMaxPodGraceSeconds: 60,
        systemReservedBytes: GIB,
        kubeReservedBytes: 256 * MIB,
        failSwapOn: false,
        swapBehavior: 'LimitedSwap',
      },
    ));

  it('is on its command line, which wins over the file, a field as a whole', () => {
    const flags = [
      'kubelet',
      '--eviction-hard=memory.available<1Gi,nodefs.available<10%',
      '--eviction-soft',
      'memory.available<2Gi',
      '--eviction-soft-grace-period=memory.available=2m',
      '--eviction-max-pod-grace-period=-1',
      '--system-reserved=cpu=1,memory=512Mi',
      '--kube-reserved=cpu=1',
      '--fail-swap-on=false',
    ];
    assert.deepEqual(of(flags, { kubeReserved: { memory: '1Gi' }, evictionMaxPodGracePeriod: 5, failSwapOn: true }), {
      evictionHardBytes: GIB,
      evictionSoftBytes: 2 * GIB,
      evictionSoftGraceSeconds: 120,
      evictionMaxPodGraceSeconds: -1,
      systemReservedBytes: 512 * MIB,
      kubeReservedBytes: 0,
      failSwapOn: false,
      swapBehavior: 'NoSwap',
    });
  });

  it('has no hard threshold where thresholds are named and none of memory', () => {
    assert.equal(of(['kubelet'], { evictionHard: { 'nodefs.available': '1%' } }).evictionHardBytes, 0);
    assert.equal(of(['kubelet'], { evictionHard: {} }).evictionHardBytes, 0);
    assert.equal(of(['kubelet', '--eviction-hard='], {}).evictionHardBytes, 0);
    const merged = { evictionHard: { 'nodefs.available': '1%' }, mergeDefaultEvictionSettings: true };
    assert.equal(of(['kubelet'], merged).evictionHardBytes, DEFAULTS.evictionHardBytes);
  });

  it('is in files that are laid over the first', () =>
    assert.deepEqual(
      of(
        ['kubelet'],
        { systemReserved: { memory: '1Gi' }, evictionHard: { 'memory.available': '1Gi' }, failSwapOn: false },
        { systemReserved: { cpu: '1' }, evictionHard: null },
        { failSwapOn: true },
      ),
      { ...DEFAULTS, systemReservedBytes: GIB },
    ));

  it('is nothing that we make up of nonsense', () =>
    assert.deepEqual(
      of(['kubelet', '--eviction-max-pod-grace-period', '--eviction-soft'], {
        evictionHard: ['memory.available'],
        evictionSoft: { 'memory.available': 'much' },
        evictionSoftGracePeriod: 'memory',
        systemReserved: { memory: '-1Gi' },
        kubeReserved: { memory: { a: 1 } },
        memorySwap: { swapBehavior: '\u001b[2J' },
        __proto__: { polluted: 1 },
      }),
      DEFAULTS,
    ));
});
