import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CPU_FEATURES, CPU_MODELS } from '../../../src/api/cpu-names.js';
import { isDeprecatedMachineType, machineVcpus, MACHINE_TYPES } from '../../../src/api/machine-types.js';
import { CPU, D, iface, type Change } from '../../../src/validators/rule/examples.js';
import { launcherRoot } from '../support/launcher-root.js';
import { edgeChange } from './edge-specs.js';
import { LauncherMachine } from './launcher-machine.js';

/** More by `npm run fuzz:domains`. */
const SPECS = 300;
/** QEMU takes a second to start; libvirt defines a domain in a hundredth of that. */
const STARTED_EVERY = 12;

const NAMES = {
  machines: /^(pc(?:-q35|-i440fx)?(?:-[\d.]+)?|q35) /gm,
  models: /^ {2}(\S+)/gm,
  features: /<feature name='([^']+)'/g,
};
const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

describe("the launcher image's libvirt and QEMU", function () {
  this.timeout(900_000);
  let machine: LauncherMachine;
  let root: string;

  before(async function () {
    // Nobody else may enter a root file system.
    if (process.getuid?.() !== 0) this.skip();
    root = await launcherRoot();
    machine = await LauncherMachine.start();
  });
  after(async () => {
    // Skipped, there is none.
    if (process.getuid?.() === 0) await machine.stop();
  });

  const qemu = (...args: string[]): string =>
    execFileSync('chroot', [root, 'qemu-system-x86_64', ...args], { encoding: 'utf8' });

  /** What QEMU itself answers. */
  const vcpuLimits = (): ReadonlyMap<string, number> => {
    const input = ['qmp_capabilities', 'query-machines', 'quit']
      .map((execute) => JSON.stringify({ execute }))
      .join('\n');
    const args = ['-machine', 'none', '-nodefaults', '-display', 'none', '-qmp', 'stdio'];
    const output = execFileSync('chroot', [root, 'qemu-system-x86_64', ...args], { encoding: 'utf8', input });
    const machines = output
      .split('\n')
      .filter((line) => line.includes('cpu-max'))
      .flatMap((line) => (JSON.parse(line) as { return: { name: string; 'cpu-max': number }[] }).return);
    return new Map(machines.map((one) => [one.name, one['cpu-max']]));
  };

  it('have the machine types, CPU models and CPU features that admission knows', () => {
    const machines = qemu('-machine', 'help');
    assert.deepEqual([...MACHINE_TYPES].sort(), namesIn(machines, NAMES.machines).sort());
    const deprecated = namesIn(machines.replaceAll(/^.*(?<!\(deprecated\))$/gm, ''), NAMES.machines);
    assert.deepEqual(MACHINE_TYPES.filter(isDeprecatedMachineType).sort(), deprecated.sort());
    const map = (file: string): string => readFileSync(join(root, 'usr/share/libvirt/cpu_map', file), 'utf8');
    assert.deepEqual([...CPU_FEATURES].sort(), namesIn(map('x86_features.xml'), NAMES.features).sort());
    const versioned = MACHINE_TYPES.filter((type) => type.includes('-'));
    const limits = vcpuLimits();
    assert.deepEqual(
      versioned.map((type) => [type, machineVcpus(type)]),
      versioned.map((type) => [type, limits.get(type)]),
    );
    const ofQemu = new Set(namesIn(qemu('-cpu', 'help'), NAMES.models));
    const ofLibvirt = namesIn(map('index.xml'), /x86_([^']+)\.xml/g);
    assert.deepEqual([...CPU_MODELS].sort(), ofLibvirt.filter((name) => ofQemu.has(name)).sort());
  });

  const longName = ['a', 'b', 'c'].map((letter) => letter.repeat(62)).join('.') + `.${'d'.repeat(64)}`;
  const started: Readonly<Record<string, Change>> = {
    'a machine type of RHEL': { 'spec.domain.machine.type': 'pc-q35-rhel9.4.0' },
    'a MAC address with dashes': iface({ macAddress: '02-54-00-6A-9A-15' }),
    'a MAC address with dots': iface({ macAddress: '0254.006a.9a15' }),
    'a serial number of 36 characters on scsi': { [`${D}.disk.bus`]: 'scsi', [`${D}.serial`]: 'a'.repeat(36) },
    'a serial number of 20 characters on usb': { [`${D}.disk.bus`]: 'usb', [`${D}.serial`]: 'a'.repeat(20) },
    'a serial number of 256 characters on virtio': { [`${D}.serial`]: 'a'.repeat(256) },
    'a name of 253 characters': { 'metadata.name': longName },
    "the host's CPU where there is none": { [`${CPU}.model`]: 'host-passthrough' },
    'the oldest CPU that has an APIC': { [`${CPU}.model`]: 'pentium' },
    'a PCI address of the last slot': { [`${D}.disk.pciAddress`]: '0000:00:1e.0' },
    'a PCI address of a bus behind a root port': { [`${D}.disk.pciAddress`]: '0000:81:00.0' },
  };
  for (const [what, change] of Object.entries(started))
    it(`start a VM with ${what}`, async () => assert.equal(await machine.check(change, true), 'started'));

  const refused: Readonly<Record<string, Change>> = {
    'a serial number of 37 characters on scsi': { [`${D}.disk.bus`]: 'scsi', [`${D}.serial`]: 'a'.repeat(37) },
    'a serial number of 21 characters on usb': { [`${D}.disk.bus`]: 'usb', [`${D}.serial`]: 'a'.repeat(21) },
    'a CPU feature twice': { [`${CPU}.features`]: [{ name: 'aes' }, { name: 'aes' }] },
    'a PCI address that is no place': { [`${D}.disk.pciAddress`]: '0000:81:01.0' },
    'native I/O beside a cache': { [`${D}.io`]: 'native', [`${D}.cache`]: 'writeback' },
  };
  for (const [what, change] of Object.entries(refused))
    it(`never get a VM with ${what}`, async () => assert.equal(await machine.check(change, false), 'refused'));

  it(`define what admission accepts of ${SPECS} generated specs, and start some of them`, async () => {
    const outcomes: string[] = [];
    // The seed is in the way to run a failure again: FUZZ_SEED=… npm run fuzz:domains.
    const seed = Math.floor(Math.random() * 2 ** 30);
    for (const [index, change] of fc.sample(edgeChange, { numRuns: SPECS, seed }).entries())
      outcomes.push(await machine.check(change, index % STARTED_EVERY === 0));
    // Most of the edge values are right; a generator of refused ones would prove nothing.
    assert.ok(outcomes.filter((outcome) => outcome !== 'refused').length > SPECS / 4, outcomes.join());
    assert.ok(outcomes.includes('started'), outcomes.join());
  });
});
