import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CgroupError, cgroupFiles, isContainers, requireConfined } from '../../../../src/agent/pod/cgroup-paths.js';

const uid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a0001';
const id = 'a'.repeat(64);
const inContainer = `/kubepods/burstable/pod${uid}/${id}`;
const V1 = `30 22 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:5 - cgroup cgroup rw,cpu,cpuacct
34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
35 30 0:32 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
`;
const HYBRID = `${V1}40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n`;
const V2 = '40 30 0:37 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n';
const v1Lines = (path: string): string =>
  `4:cpu,cpuacct:${path}\n3:memory:${path}\n2:devices:${path}\n1:name=systemd:${path}\n`;
const root = v1Lines('/');

describe('the files by which cgroups are joined', () => {
  it('are one per hierarchy in v1', () =>
    assert.deepEqual(cgroupFiles(v1Lines(inContainer), root, V1), [
      { controller: 'cpu,cpuacct', file: `/sys/fs/cgroup/cpu,cpuacct${inContainer}/cgroup.procs` },
      { controller: 'memory', file: `/sys/fs/cgroup/memory${inContainer}/cgroup.procs` },
      { controller: 'devices', file: `/sys/fs/cgroup/devices${inContainer}/cgroup.procs` },
      { controller: 'name=systemd', file: `/sys/fs/cgroup/systemd${inContainer}/cgroup.procs` },
    ]));

  it('is one in v2', () =>
    assert.deepEqual(cgroupFiles(`0::${inContainer}\n`, '0::/agent\n', V2), [
      { controller: 'v2', file: `/sys/fs/cgroup${inContainer}/cgroup.procs` },
    ]));

  it('are those of both where both are', () => {
    const files = cgroupFiles(`${v1Lines(inContainer)}0::/x\n`, `${root}0::/\n`, HYBRID);
    assert.deepEqual(files.at(-1), { controller: 'v2', file: '/sys/fs/cgroup/unified/x/cgroup.procs' });
    assert.equal(files.length, 5);
  });

  it('leave out where both are in one cgroup, mounted or not', () =>
    assert.equal(cgroupFiles(`${v1Lines(inContainer)}0::/\n`, `${root}0::/\n`, V1).length, 4));

  const refused: [string, string, string, string, RegExp][] = [
    [
      'a hierarchy that is not mounted',
      `9:freezer:${inContainer}\n`,
      '9:freezer:/\n',
      V1,
      /\(freezer\) cannot be joined/,
    ],
    [
      'a mount that is read-only',
      `0::${inContainer}\n`,
      '0::/\n',
      V2.replace('rw,relatime', 'ro,relatime'),
      /no writable mount/,
    ],
    [
      'a mount of another part',
      `0::${inContainer}\n`,
      '0::/\n',
      V2.replace(' / /sys', ' /agent /sys'),
      /no writable mount/,
    ],
    ['a path of another namespace', '0::/../../pod/x\n', '0::/\n', V2, /outside of the agent's cgroup namespace/],
    ['a cgroup that is gone', `0::${inContainer} (deleted)\n`, '0::/\n', V2, /it was removed/],
    ['what is no such line', 'nonsense\n', '0::/\n', V2, /is not a line of/],
  ];
  for (const [what, target, own, mounts, message] of refused)
    it(`do not come from ${what}`, () => {
      assert.throws(
        () => cgroupFiles(target, own, mounts),
        (error) => {
          assert.ok(error instanceof CgroupError);
          assert.match(error.message, message);
          return true;
        },
      );
    });

  it('are found through a mount of a part of the hierarchy, and at names with blanks', () => {
    const mounts = '40 30 0:37 /kubepods /host\\040cgroup rw - cgroup2 cgroup2 rw\n';
    assert.deepEqual(cgroupFiles(`0::${inContainer}\n`, '0::/\n', mounts), [
      { controller: 'v2', file: `/host cgroup${inContainer.slice('/kubepods'.length)}/cgroup.procs` },
    ]);
  });

  const step = fc.stringMatching(/^[a-z0-9][a-z0-9._:=@-]{0,12}$/);
  const path = fc.array(step, { maxLength: 5 }).map((steps) => `/${steps.join('/')}`);
  const controllers = fc.uniqueArray(
    fc.constantFrom('cpu', 'cpuacct', 'memory', 'devices', 'pids', 'freezer', 'name=systemd'),
    {
      minLength: 1,
      maxLength: 7,
    },
  );

  it('cover every hierarchy exactly once, whatever is mounted how, or refuse', () =>
    fc.assert(
      fc.property(controllers, fc.boolean(), path, path, (names, withV2, target, mountRoot) => {
        const hierarchies = [...names, ...(withV2 ? [''] : [])];
        const lines = (at: string): string => hierarchies.map((name, n) => `${n}:${name}:${at}\n`).join('');
        const mounts = hierarchies
          .map(
            (name, n) => `${n} 1 0:${n} ${mountRoot} /m/${n} rw - cgroup${name ? '' : '2'} cgroup rw,${name || 'x'}\n`,
          )
          .join('');
        let files;
        try {
          files = cgroupFiles(lines(target), lines('/the-agent-itself'), mounts);
        } catch (error) {
          assert.ok(error instanceof CgroupError);
          const isBelow = mountRoot === '/' || target === mountRoot || target.startsWith(`${mountRoot}/`);
          assert.ok(!isBelow, `${target} is below ${mountRoot}`);
          return;
        }
        const below = mountRoot === '/' ? target : target.slice(mountRoot.length);
        assert.deepEqual(
          files.map(({ file }) => file),
          hierarchies.map((_, n) => `/m/${n}${below === '/' ? '' : below}/cgroup.procs`),
        );
      }),
    ));

  it('never come from text that is not the kernel’s', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        try {
          assert.deepEqual(cgroupFiles(a, b, c), []);
        } catch (error) {
          assert.ok(error instanceof CgroupError, String(error));
        }
      }),
    ));
});

describe('a container’s confinement', () => {
  const lines = (devices: string, memory = devices, pids = devices): string =>
    `3:devices:${devices}\n2:memory:${memory}\n1:pids:${pids}\n0::/\n`;

  it('is by devices, memory and processes, each in the container’s cgroup', () => {
    requireConfined(lines(inContainer), uid, id);
    requireConfined(`0::${inContainer}\n`, uid, id);
    for (const [text, controller] of [
      [lines('/', inContainer, inContainer), 'devices'],
      [lines(inContainer, `/kubepods/pod${uid}`, inContainer), 'memory'],
      [lines(inContainer, inContainer, '/'), 'pids'],
      ['0::/\n', 'devices'],
      ['', 'devices'],
    ] as const)
      assert.throws(
        () => requireConfined(text, uid, id),
        (error) => error instanceof CgroupError && error.controller === controller,
      );
  });

  it('is never another one’s', () =>
    fc.assert(
      fc.property(fc.uuid(), fc.stringMatching(/^[0-9a-f]{64}$/), fc.boolean(), (otherUid, otherId, systemd) => {
        const path = systemd
          ? `/kubepods.slice/kubepods-pod${otherUid.replaceAll('-', '_')}.slice/crio-${otherId}.scope`
          : `/kubepods/pod${otherUid}/${otherId}`;
        assert.equal(isContainers(`0::${path}\n`, otherUid, otherId), true);
        assert.equal(isContainers(`0::${path}\n`, uid, otherId), otherUid === uid);
        assert.equal(isContainers(`0::${path}\n`, otherUid, id), otherId === id);
        assert.equal(isContainers(`0::${path}/${otherId}\n`, otherUid, otherId), true);
      }),
    ));
});
