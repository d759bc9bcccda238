import { execFileSync } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect, CreateFlag, UndefineFlag, type Connection } from 'node-libvirt';
import { admit } from '../../../src/admission/admit.js';
import { localPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildDomain, DomainError, type DiskContext } from '../../../src/domain/index.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { config, context, UID } from '../../unit/domain/fixtures.js';
import { launcherRoot } from '../support/launcher-root.js';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const MIB = 1024 * 1024;
/** An ACPI table is no more than its header at least. */
const ACPI_HEADER = Buffer.alloc(36);
ACPI_HEADER.writeUInt32LE(36, 4);
/**
 * What QEMU reads of a kernel before it starts: Documentation/arch/x86/boot.rst of Linux, “The Real-Mode Kernel
 * Header”.
 */
const KERNEL = Buffer.alloc(MIB);
KERNEL.writeUInt8(1, 0x1f1);
KERNEL.write('HdrS', 0x202);
KERNEL.writeUInt16LE(0x20c, 0x206);
KERNEL.writeUInt8(1, 0x211);
KERNEL.writeUInt32LE(0x7fffffff, 0x22c);
const IMAGE: DiskContext = {
  format: 'raw',
  directIo: true,
  blockSize: { logical: 4096, physical: 4096, discardGranularity: 0 },
};
/** Emulation, for there may be no KVM, and every gate of what the generator writes. */
const CONFIG: ClusterConfig = config({
  developerConfiguration: { useEmulation: true, featureGates: ['DownwardMetrics', 'PortRangesSpec'] },
});

/** What came of a spec. */
export type Outcome = 'refused' | 'defined' | 'started';

/**
 * The launcher image's libvirt and QEMU. What admission accepts they have to define, with passt as in a pod, and start,
 * paused (without passt, which wants a user namespace).
 */
export class LauncherMachine {
  private constructor(
    readonly daemon: SessionLibvirtd,
    readonly connection: Connection,
    private readonly qcow2: string,
  ) {}

  static async start(): Promise<LauncherMachine> {
    const daemon = await startSessionLibvirtd(await launcherRoot());
    const qcow2 = join(daemon.directory, 'template.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', qcow2, '1M']);
    // What the agent makes on the claim of firmware and TPM.
    for (const state of ['state', 'state/nvram']) {
      mkdirSync(join(daemon.directory, state));
      chownSync(join(daemon.directory, state), daemon.uid, daemon.uid);
    }
    return new LauncherMachine(daemon, await connect({ socketPath: daemon.socketPath }), qcow2);
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.daemon.stop();
  }

  /** @throws Error of the builder, libvirt or QEMU, with the change that made it */
  async check(change: Change, start: boolean): Promise<Outcome> {
    const { object, causes } = admit(
      { kind: 'VirtualMachineInstance', operation: 'CREATE', object: manifest(change), user: { username: 'alice' } },
      { config: CONFIG, newUuid: () => UID },
    );
    if (causes.length > 0) return 'refused';
    try {
      await this.run(object as VirtualMachineInstance, start);
      return start ? 'started' : 'defined';
    } catch (error) {
      // What only a node with KVM can run is admitted: another node may have it.
      if (error instanceof DomainError && error.code === 'KVMUnavailable') return 'refused';
      // Nor has every machine's TSC the feature invtsc, and libvirt looks at the machine's.
      if (/host doesn't support invariant TSC/.test(String(error))) return 'refused';
      throw new Error(`${String(error)}\n${JSON.stringify(change)}`, { cause: error });
    }
  }

  private async run(admitted: VirtualMachineInstance, start: boolean): Promise<void> {
    const vmi = { ...admitted, metadata: { ...admitted.metadata, uid: UID, namespace: 'default' } };
    const names = (vmi.spec.volumes ?? []).map(({ name }) => name);
    const own = context({
      config: CONFIG,
      kvmAvailable: false,
      network: { passt: false },
      paths: localPaths(this.daemon.directory),
      disks: Object.fromEntries(names.map((name) => [name, IMAGE])),
    });
    const { domains } = this.connection;
    const xml = buildDomain(vmi, own);
    await domains.undefine(
      await domains.defineXML(
        buildDomain(vmi, { ...own, network: { passt: true, tap: { device: 'tap0', mtu: 1450 } } }),
      ),
      UndefineFlag.KEEP_NVRAM,
    );
    if (!start) return;
    this.makeImages(xml);
    const domain = await domains.defineXML(xml);
    try {
      await domains.create(domain, CreateFlag.PAUSED);
      await domains.destroy(domain);
    } finally {
      await domains.undefine(domain, UndefineFlag.KEEP_NVRAM);
    }
  }

  /** The files that the agent would have made ready: those that the domain names. */
  private makeImages(xml: string): void {
    for (const [, type, file = ''] of xml.matchAll(/<driver [^>]*type="(\w+)"[^]*?<source file="([^"]*)"/g))
      this.makeImage(file, type === 'qcow2');
    for (const [, file = ''] of xml.matchAll(/<backingStore [^>]*>[^]*?<source file="([^"]*)"/g))
      this.makeImage(file, false);
    for (const [, file = ''] of xml.matchAll(/<(?:kernel|initrd)>([^<]*)</g)) this.makeImage(file, false, KERNEL);
    for (const [, file = ''] of xml.matchAll(/<table type="\w+">([^<]*)</g)) this.makeImage(file, false, ACPI_HEADER);
  }

  private makeImage(path: string, qcow2: boolean, content: Buffer = Buffer.alloc(MIB)): void {
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true });
    const { directory, uid } = this.daemon;
    for (let each = dirname(path); each.length > directory.length; each = dirname(each)) chownSync(each, uid, uid);
    if (qcow2) copyFileSync(this.qcow2, path);
    else writeFileSync(path, content);
    chownSync(path, uid, uid);
  }
}
