import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, CreateFlag, type Connection } from 'node-libvirt';
import { localPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, type DomainContext } from '../../../src/domain/index.js';
import { config, context, vmi } from '../../unit/domain/fixtures.js';
import { launcherRoot } from '../support/launcher-root.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

type Domain = VirtualMachineInstance['spec']['domain'];

const POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB';
const pagesOf = (file: string): number => Number(readFileSync(`${POOL}/${file}`, 'utf8'));
/** 16 MiB: the firmware starts in it. */
const PAGES = 8;

const EXCLUSIVE = { cells: [{ id: 0, cpus: [0, 1].map((id) => ({ id, siblings: [id] })) }], allowed: [0, 1] };

/** What admission lets through and libvirt's session mode or QEMU may not like: the launcher image's own. */
describe('what a guest’s memory is made of', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let connection: Connection;
  let pagesBefore = 0;

  before(async function () {
    // Nobody else may enter a root file system, or set huge pages aside.
    if (process.getuid?.() !== 0) this.skip();
    daemon = await startSessionLibvirtd(await launcherRoot());
    connection = await connect({ socketPath: daemon.socketPath });
  });
  after(async () => {
    if (process.getuid?.() !== 0) return;
    await connection.close();
    await daemon.stop();
    if (pagesBefore > 0) writeFileSync(`${POOL}/nr_hugepages`, String(pagesBefore - PAGES));
  });

  /** Sets some aside for this test, beside those of others. */
  const takePages = (): string | undefined => {
    if (pagesBefore > 0) return undefined;
    try {
      const before = pagesOf('nr_hugepages');
      writeFileSync(`${POOL}/nr_hugepages`, String(before + PAGES));
      pagesBefore = before + PAGES;
      return pagesOf('free_hugepages') >= PAGES ? undefined : 'the kernel has no free huge pages';
    } catch (error) {
      return `this machine gives no huge pages: ${String(error)}`;
    }
  };

  const qemu = (): string => {
    const mine = readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.startsWith('/usr/bin/qemu-system') && command.includes(`${daemon.directory}/`);
      } catch {
        return false;
      }
    });
    assert.equal(mine.length, 1);
    return mine[0]!;
  };

  const running = async (
    domain: Partial<Domain>,
    changes: Partial<DomainContext>,
    use: (pid: string, arguments_: string) => Promise<void> | void,
  ): Promise<void> => {
    const xml = buildDomain(
      vmi({}, domain),
      context({
        config: config({ developerConfiguration: { useEmulation: true } }),
        kvmAvailable: false,
        network: { passt: false },
        paths: localPaths(daemon.directory),
        ...changes,
      }),
    );
    const defined = await connection.domains.defineXML(xml);
    try {
      await connection.domains.create(defined, CreateFlag.PAUSED);
      const pid = qemu();
      await use(pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      await connection.domains.destroy(defined);
    } finally {
      await connection.domains.undefine(defined);
    }
  };
  const status = (pid: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

  const small = { guest: '16Mi', hugepages: { pageSize: '2Mi' } };

  it('is huge pages of the node, taken at the start', async function () {
    const lacking = takePages();
    if (lacking !== undefined) {
      process.stderr.write(`      skipped: ${lacking}\n`);
      this.skip();
    }
    await running({ memory: small }, {}, (pid) => assert.equal(status(pid, 'HugetlbPages'), 16 * 1024));
  });

  it('fails to start where the node has too few of them, and says so', async () => {
    const tooMuch = { ...small, guest: `${(pagesOf('free_hugepages') + 64) * 2}Mi` };
    await assert.rejects(
      running({ memory: tooMuch }, {}, () => assert.fail('it started')),
      /Cannot allocate memory/,
    );
  });

  it('lies on the NUMA node of the guest’s CPUs', async function () {
    if (takePages() !== undefined) this.skip();
    const cpu = { cores: 2, dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} }, realtime: {} };
    await running({ memory: small, cpu }, { exclusiveCpus: EXCLUSIVE }, (_pid, args) => {
      assert.match(args, /"size":16777216,"host-nodes":\[0\],"policy":"bind"/);
      assert.match(args, /mem-merge=off/);
      assert.match(args, /pmu=off/);
    });
  });

  it('is not locked beyond what QEMU may lock: the start fails and says so', async () => {
    // A limit that holds without any right: what is locked counts by its size, so this much is refused.
    await assert.rejects(
      running({ memory: { guest: '16Mi' } }, { lockMemory: true }, () => assert.fail('it started')),
      /locking memory failed|mlockall/,
    );
    await running({ memory: { guest: '16Mi' } }, {}, (pid) => assert.equal(status(pid, 'VmLck'), 0));
  });

  it('is resident and locked, all of it, where QEMU has the right to', async () => {
    // Root needs no limit; the arguments are those of a domain whose memory is locked.
    const memory = ['-object', 'memory-backend-ram,id=m,size=64M,prealloc=on', '-machine', 'q35,memory-backend=m'];
    const lock = ['-overcommit', 'mem-lock=off', '-overcommit', 'mem-lock=on-fault'];
    const args = [
      await launcherRoot(),
      'qemu-system-x86_64',
      ...memory,
      ...lock,
      '-nodefaults',
      '-display',
      'none',
      '-S',
    ];
    const child = spawn('chroot', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const pid = String(child.pid);
      for (let tries = 0; tries < 200 && !(status(pid, 'VmLck') >= 64 * 1024); tries++) await sleep(50);
      assert.ok(status(pid, 'VmLck') >= 64 * 1024);
      assert.ok(status(pid, 'VmRSS') >= 64 * 1024);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
