import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  firstProcess,
  isInPod,
  isStillThere,
  parseStartTime,
  parseStatus,
} from '../../../../src/agent/pod/pod-process.js';

const uid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001';
const other = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0002';
const underscored = uid.replaceAll('-', '_');

describe('processes of a pod', () => {
  const cases: [string, string, boolean][] = [
    [
      'v1, cgroupfs',
      `9:name=systemd:/kubepods/burstable/pod${uid}/abc\n8:pids:/kubepods/burstable/pod${uid}/abc\n`,
      true,
    ],
    ['v1, guaranteed', `3:cpuset:/kubepods/pod${uid}/abc\n`, true],
    ['v1, one controller elsewhere', `2:cpu:/\n1:memory:/kubepods/besteffort/pod${uid}/abc\n`, true],
    [
      'v2, systemd',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${underscored}.slice/cri-containerd-abc.scope\n`,
      true,
    ],
    ['v2, systemd, guaranteed', `0::/kubepods.slice/kubepods-pod${underscored}.slice/cri-containerd-abc.scope\n`, true],
    [
      'v2, seen from another cgroup namespace',
      `0::/../../kubepods-burstable-pod${underscored}.slice/crio-abc.scope\n`,
      true,
    ],
    ['v2, cgroupfs', `0::/kubepods/burstable/pod${uid}/abc\n`, true],
    [
      'kind: a node in a container',
      `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${underscored}.slice/a\n`,
      true,
    ],
    ['another pod', `0::/kubepods/burstable/pod${other}/abc\n`, false],
    ['the host', '0::/system.slice/containerd.service\n', false],
    ['a longer name that begins the same', `0::/kubepods/pod${uid}0/abc\n`, false],
    ['nothing', '', false],
  ];
  for (const [what, text, expected] of cases)
    it(`${expected ? 'finds' : 'does not take'} ${what}`, () => assert.equal(isInPod(text, uid), expected));

  it('reads the parent, the numbers in each namespace, and whether it has ended', () => {
    const text = 'Name:\tsleep\nState:\tS (sleeping)\nPid:\t812\nPPid:\t700\nNSpid:\t812\t90\t7\n';
    assert.deepEqual(parseStatus(text), { parent: 700, ended: false, namespacePids: [812, 90, 7] });
    assert.equal(parseStatus(text.replace('S (sleeping)', 'Z (zombie)'))?.ended, true);
    assert.equal(parseStatus('Name:\tkthreadd\n'), undefined);
  });

  it('reads when a process started, whatever its program is called', () => {
    const fields = Array.from({ length: 49 }, (_, index) => String(index + 4));
    assert.equal(parseStartTime(`812 (sleep) S ${fields.join(' ')}`), 22n);
    assert.equal(parseStartTime(`812 (a) S 1 2 (3)) S ${fields.join(' ')}`), 22n);
    assert.equal(parseStartTime(''), undefined);
  });
});

describe('the first process of a container', () => {
  const id = 'a'.repeat(64);
  const compute = { podUid: uid, name: 'compute', id };
  let proc: string;
  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'virt-proc-'));
    mkdirSync(join(proc, 'self'));
    // The runtime's shim.
    add(50, { parent: 1, numbers: [50], cgroup: '/system.slice/containerd.service' });
  });
  afterEach(() => rmSync(proc, { recursive: true }));

  interface Made {
    readonly parent?: number;
    readonly numbers?: readonly number[];
    readonly start?: number;
    readonly cgroup?: string;
    readonly state?: string;
  }
  const add = (pid: number, { parent = 50, numbers = [pid, 7], start = pid, cgroup, state = 'S' }: Made): void => {
    const directory = join(proc, String(pid));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'cgroup'), `0::${cgroup ?? `/kubepods/pod${uid}/${id}`}\n`);
    writeFileSync(join(directory, 'status'), `State:\t${state}\nPPid:\t${parent}\nNSpid:\t${numbers.join('\t')}\n`);
    const between = Array.from({ length: 18 }, () => '0').join(' ');
    writeFileSync(join(directory, 'stat'), `${pid} (x) ${state} ${between} ${start} 0\n`);
  };

  it('is the one whose parent is outside of the pod', async () => {
    add(100, { numbers: [100, 1], cgroup: `/kubepods/pod${uid}/${'0'.repeat(64)}` });
    add(101, {});
    add(102, { cgroup: `/kubepods/pod${uid}/${'b'.repeat(64)}` });
    add(90, { parent: 101, start: 1 });
    add(91, { parent: 100, start: 1 });
    assert.deepEqual(await firstProcess(compute, proc), { pid: 101, podPid: 7, startTime: 101n, ended: false });
  });

  it('is known by the container’s id alone, with every runtime’s way to write it', async () => {
    for (const step of [
      id,
      `cri-containerd-${id}.scope`,
      `crio-${id}.scope`,
      `docker-${id}.scope`,
      `crio-${id}.scope/container`,
    ]) {
      add(101, { cgroup: `/kubepods.slice/kubepods-pod${underscored}.slice/${step}` });
      assert.equal((await firstProcess(compute, proc))?.pid, 101, step);
    }
    for (const step of [`${id}0`, id.slice(1), `crio-conmon-${id}.scope.d`, `x/${id}`, '']) {
      add(101, { cgroup: `/kubepods/pod${uid}/${step}` });
      assert.equal(await firstProcess(compute, proc), undefined, step);
    }
    add(101, { cgroup: `/kubepods/pod${other}/${id}` });
    assert.equal(await firstProcess(compute, proc), undefined, 'another pod');
    assert.equal(await firstProcess({ ...compute, id: '' }, proc), undefined, 'no id');
  });

  it('is still there or not, whoever has its number now', async () => {
    add(101, {});
    const found = await firstProcess(compute, proc);
    assert.ok(found);
    assert.equal(await isStillThere(compute, found, proc), true);
    add(101, { start: 999 });
    assert.equal(await isStillThere(compute, found, proc), false);
    add(101, { state: 'Z' });
    assert.equal(await isStillThere(compute, found, proc), false);
  });
});
