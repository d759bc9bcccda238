import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentValue, isInPod, parseStatus, podContainers } from '../../../src/agent/pod-process.js';

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

  it('reads the parent and the innermost pid', () => {
    const text = 'Name:\tsleep\nPid:\t812\nPPid:\t700\nNSpid:\t812\t90\t7\n';
    assert.deepEqual(parseStatus(text), { parent: 700, namespacePid: 7 });
    assert.equal(parseStatus('Name:\tkthreadd\n'), undefined);
  });

  it('reads a variable of an environment', () => {
    assert.equal(environmentValue('A=1\0VIRT_CONTAINER=compute\0', 'VIRT_CONTAINER'), 'compute');
    assert.equal(environmentValue('XVIRT_CONTAINER=compute\0', 'VIRT_CONTAINER'), undefined);
  });

  it('takes containers by their first process and not by what a guest starts', async () => {
    const proc = mkdtempSync(join(tmpdir(), 'virt-proc-'));
    const add = (pid: number, parent: number, podPid: number, pod: string | undefined, environment = ''): void => {
      mkdirSync(join(proc, String(pid)));
      writeFileSync(join(proc, String(pid), 'cgroup'), pod ? `0::/kubepods/pod${pod}/x\n` : '0::/\n');
      writeFileSync(join(proc, String(pid), 'status'), `PPid:\t${parent}\nNSpid:\t${pid}\t${podPid}\n`);
      writeFileSync(join(proc, String(pid), 'environ'), environment);
    };
    mkdirSync(join(proc, 'self'));
    add(50, 1, 50, undefined, 'VIRT_CONTAINER=compute\0');
    add(100, 50, 1, uid);
    add(101, 50, 7, uid, 'PATH=/bin\0VIRT_CONTAINER=compute\0');
    add(102, 50, 8, uid, 'VIRT_CONTAINER=volumeroot\0');
    add(103, 101, 9, uid, 'VIRT_CONTAINER=compute\0');
    add(104, 100, 10, uid, 'VIRT_CONTAINER=volumeroot\0');
    add(105, 50, 7, other, 'VIRT_CONTAINER=compute\0');
    const found = await podContainers(uid, proc);
    rmSync(proc, { recursive: true });
    assert.deepEqual(
      found.sort((a, b) => a.pid - b.pid),
      [
        { pid: 100, podPid: 1 },
        { pid: 101, podPid: 7, container: 'compute' },
        { pid: 102, podPid: 8, container: 'volumeroot' },
      ],
    );
  });
});
