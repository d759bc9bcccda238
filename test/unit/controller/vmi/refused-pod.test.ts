import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { type Refusal, refusalOf, tryAgainIn } from '../../../../src/controller/vmi/refused-pod.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { instance } from '../objects.js';

const withVolumes = (volumes: VirtualMachineInstance['spec']['volumes']): VirtualMachineInstance => {
  const vmi = instance();
  return { ...vmi, spec: { ...vmi.spec, domain: { ...vmi.spec.domain, memory: { guest: '512Mi' } }, volumes } };
};
const VMI = withVolumes([
  { name: 'd', hostDisk: { path: '/data/disk.img', type: 'Disk' } },
  { name: 'token', serviceAccount: { serviceAccountName: 'nope' } },
]);
const CONTAINERS = [
  { resources: { requests: { memory: '773800512', cpu: '100m' } } },
  { resources: { requests: { memory: '1M', cpu: '1m' } } },
];

const explain = (message: string, code = 403, vmi = VMI): Refusal | undefined =>
  refusalOf(new ApiError({ code, reason: 'Forbidden', message: `pods "virt-launcher-web" is forbidden: ${message}` }), {
    vmi,
    containers: CONTAINERS,
  });

describe('a launcher pod that the API server refuses', () => {
  const table: [Refusal['reason'], string, RegExp][] = [
    [
      'QuotaExceeded',
      'exceeded quota: mem, requested: requests.memory=773800512, used: requests.memory=200Mi, limited: requests.memory=300Mi',
      /^ResourceQuota mem of namespace ns is exceeded: it asks for 738Mi of memory \(512Mi guest \+ 226Mi overhead\), and of requests\.memory 300Mi there is 100Mi left: raise the quota/,
    ],
    [
      'QuotaExceeded',
      'exceeded quota: all, requested: limits.cpu=2,pods=1, used: limits.cpu=1,pods=10, limited: limits.cpu=2,pods=10',
      /it asks for limits\.cpu 2, and of limits\.cpu 2 there is 1 left; it asks for pods 1, and of pods 10 there is 0 left/,
    ],
    ['QuotaExceeded', 'failed quota: q: must specify limits.memory', /wants every pod to say limits\.memory: set it/],
    [
      'LimitRangeExceeded',
      '[maximum memory usage per Container is 256Mi, but limit is 773800512, minimum cpu usage per Pod is 2, but request is 101m]',
      /^a LimitRange of namespace ns refuses the VM's pod: maximum memory usage per Container is 256Mi, but limit is 738Mi, minimum cpu .*; the VM asks for 739Mi of memory \(512Mi guest \+ 227Mi overhead\) and 101m CPU: change/,
    ],
    [
      'LimitRangeExceeded',
      'memory max limit to request ratio per Container is 2, but provided ratio is 3.000000',
      /ratio per Container is 2/,
    ],
    [
      'LimitRangeExceeded',
      'Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "295040Ki": must be less than or equal to memory limit',
      /gives a container without a limit of memory one that is too small; the VM asks for 739Mi of memory \(512Mi guest/,
    ],
    [
      'PodSecurityViolation',
      'violates PodSecurity "baseline:latest": hostPath volumes (volume "volumed")',
      /level baseline:latest of namespace ns refuses the VM's pod: hostPath volumes \(volume "d"\): .*kubectl label namespace ns pod-security\.kubernetes\.io\/enforce=privileged --overwrite$/,
    ],
    [
      'PodSecurityViolation',
      'violates PodSecurity "restricted:v1.30": allowPrivilegeEscalation != false (container "compute" must set it), seccompProfile (pod or container "compute" must set it)',
      /enforce=baseline --overwrite$/,
    ],
    [
      'ServiceAccountNotFound',
      'error looking up service account ns/nope: serviceaccount "nope" not found',
      /^volume token: ServiceAccount nope does not exist in namespace ns: create it, and the VM starts$/,
    ],
    ['PriorityClassNotFound', 'no PriorityClass with name high was found', /^PriorityClass high does not exist/],
    ['RuntimeClassNotFound', 'pod rejected: RuntimeClass "kata" not found', /^RuntimeClass kata does not exist/],
    ['PodRefused', 'admission webhook "x" denied the request: no', /refuses the VM's pod: .*denied the request: no/],
  ];
  for (const [reason, message, expected] of table) {
    it(`${reason}: ${message.slice(0, 60)}`, () => {
      const refusal = explain(message);
      assert.equal(refusal?.reason, reason);
      assert.match(refusal.message, expected);
    });
  }

  it('does not say what is the guest’s where that is unknown, and shows what others wrote bounded and visible', () => {
    const small = { ...VMI, spec: { ...VMI.spec, domain: { ...VMI.spec.domain, memory: { guest: '9Gi' } } } };
    const quota = 'exceeded quota: q, requested: memory=1Gi, used: memory=0, limited: memory=1Mi';
    assert.match(explain(quota, 403, small)?.message ?? '', /asks for 1Gi of memory, and of memory 1Mi/);
    const hostile = explain(`denied \u001b[31m${'x'.repeat(100_000)}`)?.message ?? '';
    assert.ok(hostile.length < 2_000 && hostile.includes('\\x1b[31m'));
    const begun = process.cpuUsage();
    explain(`exceeded quota: ${'a=1,'.repeat(50_000)}`);
    explain(`[${'max '.repeat(50_000)}`);
    assert.ok(process.cpuUsage(begun).user < 1_000_000);
  });

  it('is no refusal where the server fails or is not reached', () => {
    assert.equal(explain('etcd is slow', 500), undefined);
    assert.equal(explain('too much', 429), undefined);
    assert.equal(refusalOf(new Error('cannot reach it'), { vmi: VMI, containers: [] }), undefined);
  });

  it('is tried again within seconds, and after a while once a minute at most', () => {
    assert.deepEqual(
      [0, 119_999, 120_000, 600_000, 3_600_000, Number.MAX_SAFE_INTEGER].map(tryAgainIn),
      [3_000, 3_000, 10_000, 30_000, 60_000, 60_000],
    );
  });
});
