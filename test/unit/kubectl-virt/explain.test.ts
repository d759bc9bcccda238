import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { LINT_ENTRIES } from '../../../cmd/kubectl-virt/offline/lint-entries.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import type { AppliedDefault } from '../../../src/admission/trace.js';
import { INDEX } from '../../../src/explain/listing.js';
import { fakeIo } from './fake-io.js';

interface Outcome {
  code: number;
  out: string;
  err: string;
}

const runWith = async (stdin: string | undefined, ...args: string[]): Promise<Outcome> => {
  const io = fakeIo(stdin === undefined ? {} : { stdin });
  try {
    const code = await main(args, io);
    return { code, out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};
const run = (...args: string[]): Promise<Outcome> => runWith(undefined, ...args);

const VM = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: web }
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        memory: { guest: 1Gi }
        devices: {}
`;
const VMI = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: { name: cd }
spec:
  domain:
    memory: { guest: 1Gi }
    devices:
      disks:
        - name: root
          floppy: {}
  volumes:
    - name: root
      containerDisk: { image: registry.example/disk:v1 }
`;
const SET = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstanceReplicaSet
metadata: { name: many }
spec:
  selector: { matchLabels: { set: a } }
  template:
    metadata: { labels: { set: a } }
    spec: { domain: { memory: { guest: 1Gi }, devices: {} } }
`;

describe('kubectl virt explain', () => {
  it('lists every id with its summary', async () => {
    const { code, out, err } = await run('explain');
    assert.equal(code, 0);
    for (const { id } of INDEX) assert.match(out, new RegExp(`^  ${id.replace('.', '\\.')} +\\S`, 'm'));
    assert.match(out, /^ {2}yaml\.syntax /m);
    assert.match(err, /explain yaml\.syntax\n$/);
    const json = JSON.parse((await run('explain', '-o', 'json')).out) as { id: string }[];
    assert.equal(json.length, INDEX.length + LINT_ENTRIES.length);
  });

  it('lists a group', async () => {
    const { out } = await run('explain', 'ci');
    assert.match(out, /^Volumes and cloud-init, refused:\n {2}ci\.user-base64 /);
    assert.doesNotMatch(out, /vol\./);
  });

  it('shows a rule: what, why, where, a wrong and a right example, and the message', async () => {
    const { code, out } = await run('explain', 'disk.floppy');
    assert.equal(code, 0);
    assert.match(out, /^RULE: +disk\.floppy\nWHAT: +Refuses a floppy disk\.\nWHY: +\S/);
    assert.match(out, /^FIELD: +\$\.domain\.devices\.disks\[\]\.floppy /m);
    assert.match(
      out,
      /^REFUSED:\n {2}spec:\n[^]*floppy: \{\}\n {2}→ spec\.domain\.devices\.disks\[0\]\.floppy: floppy disks/m,
    );
    assert.match(out, /^ACCEPTED:\n {2}spec:\n[^]*cdrom: \{\}\n/m);
    assert.match(out, /^SOURCE: +docs\/reference\/user-guides\.md#3\.1$/m);
  });

  it('shows a rule of updates with what was stored, and one with settings', async () => {
    assert.match((await run('explain', 'upd.labels')).out, /^STORED:\n[^]*^REFUSED:\n[^]*^ACCEPTED:\n/m);
    assert.match(
      (await run('explain', 'mem.guest-over-limit')).out,
      /^SETTINGS \(.*\):\n {2}vmRolloutStrategy: Stage\n/m,
    );
  });

  it('shows a default with its place and what it writes', async () => {
    const { out } = await run('explain', 'mut.disk-bus');
    assert.match(out, /^DEFAULT: +mut\.disk-bus\n/);
    assert.match(out, /^STEP: +\d+ of \d+$/m);
    assert.match(out, /→ spec\.domain\.devices\.disks\[0\]\.disk\.bus: absent → "sata"\n/);
    assert.match((await run('explain', 'mut.vm-firmware')).out, /^KINDS: +VirtualMachine$/m);
  });

  it('shows rules of the schema, of files, and the fields that are not acted on', async () => {
    assert.match((await run('explain', 'schema.unknown')).out, /did you mean "memory"\?/);
    assert.match((await run('explain', 'yaml.syntax')).out, /not YAML/);
    const { out } = await run('explain', 'field.not-acted-on');
    const [, actedOn, total] =
      /^FIELDS \(below spec of a VirtualMachineInstance: (\d+) of its (\d+) are acted on\):$/m.exec(out) ?? [];
    // The least that SPECIFICATION.md promises.
    assert.ok(Number(actedOn) / Number(total) >= 0.85, `${actedOn} of ${total}`);
    assert.match(out, /^ {2}resourceClaims: /m);
    const json = JSON.parse((await run('explain', 'field.not-acted-on', '-o', 'json')).out);
    assert.deepEqual([json.fields[0].actedOn, json.fields[0].total].map(String), [actedOn, total]);
  });

  it('prints JSON and YAML', async () => {
    const json = JSON.parse((await run('explain', 'disk.floppy', '-o', 'json')).out);
    assert.deepEqual(json, parse((await run('explain', 'disk.floppy', '-o', 'yaml')).out));
    assert.equal(json.id, 'disk.floppy');
    assert.match(json.example.refused, /floppy/);
  });

  it('suggests what was meant', async () => {
    const cases: [string, RegExp][] = [
      ['disk.flopy', /there is no rule, default or warning "disk\.flopy"\nDid you mean disk\.floppy\?/],
      ['floppy', /Did you mean disk\.floppy\?/],
      ['boot-order', /Did you mean .*disk\.boot-order-dup/],
      ['vmi.spec', /kubectl explain vmi\.spec/],
      ['constructor', /there is no rule/],
    ];
    for (const [word, message] of cases) {
      const { code, err } = await run('explain', word);
      assert.equal(code, 1);
      assert.match(err, message);
    }
    assert.match((await run('explain', 'disk.floppy', '-o', 'xml')).err, /unsupported output format "xml"/);
  });

  it('is completed', async () => {
    const { out } = await run('__complete', 'explain', 'disk.fl');
    assert.match(out, /^disk\.floppy\tRefuses a floppy disk\.\n:4\n$/);
    assert.equal((await run('__complete', 'explain', 'disk.floppy', '')).out, ':4\n');
    assert.match((await run('__complete', 'explain', 'yaml')).out, /^yaml\.syntax\t/);
    assert.equal((await run('__complete', 'explain-admission', '-f', '')).out, ':0\n');
  });

  it('is what lint points to', async () => {
    const { err } = await runWith(VMI, 'lint', '-f', '-');
    assert.match(err, /\nMore about a rule in brackets: kubectl virt explain disk\.floppy\n$/);
    assert.doesNotMatch((await runWith(VM, 'lint', '-f', '-')).err, /More about/);
  });
});

describe('kubectl virt explain-admission', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'explain-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('lists the defaults of a VirtualMachine and of the instance that it becomes', async () => {
    const { code, out, err } = await runWith(VM, 'explain-admission', '-f', '-');
    assert.equal(code, 0);
    const own =
      /^ {2}Defaults, written into the VirtualMachine:\n {4}mut\.vm-firmware: .*\n {6}spec\.template\.spec\.domain\.firmware: absent → .*<random UUID>/m;
    assert.match(out, own);
    assert.match(out, /^ {2}Defaults of the VirtualMachineInstance that its template becomes, not stored/m);
    assert.match(out, /^ {4}mut\.hotplug-memory: .*\n {6}spec\.domain\.memory\.maxGuest: absent → "4Gi"$/m);
    assert.match(out, /^ {2}Accepted\.$/m);
    assert.ok(out.indexOf('mut.arch') < out.indexOf('mut.hotplug-cpu'), 'in order');
    assert.doesNotMatch(out, /mut\.firmware-uuid/, 'the instance has the UUID of its VM');
    assert.equal(err, '1 object checked, 0 errors, 0 warnings\n');
  });

  it('lists what is refused, as lint does, with its exit code', async () => {
    const linted = await runWith(VMI, 'lint', '-f', '-');
    const { code, out, err } = await runWith(VMI, 'explain-admission', '-f', '-');
    assert.equal(code, 1);
    assert.match(out, /^<stdin>:1: VirtualMachineInstance cd\n {2}Defaults, written into the VirtualMachineInstance:/);
    assert.match(out, /^ {2}Refused:\n {4}<stdin>:10:11: error: spec\.domain\.devices\.disks\[0\]\.floppy: /m);
    for (const line of linted.out.trimEnd().split('\n')) assert.ok(out.includes(line), line);
    assert.equal(err, linted.err);
  });

  it('takes several documents, Lists, other kinds, unknown kinds and objects of a wrong shape', async () => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [parse(VMI), parse(SET)] });
    const text = [
      VM,
      SET,
      list,
      'apiVersion: v1\nkind: Secret\n',
      'apiVersion: kubevirt.io/v1\nkind: Virtual\n',
      'apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nspec: []\n',
      'apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nspec: { runStrategy: Always, template: {} }\n',
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: { name: kubevirt }\nspec: {}\n',
      'a: [1\n',
    ].join('\n---\n');
    const { code, out, err } = await runWith(text, 'explain-admission', '-f', '-');
    assert.equal(code, 1);
    assert.equal(out.match(/^<stdin>:\d+: Virtual/gm)?.length, 6);
    assert.equal(
      out.match(/that its template becomes, not stored in the VirtualMachineInstanceReplicaSet/g)?.length,
      2,
    );
    assert.match(out, /Not defaulted: it has not the shape of a VirtualMachineInstance\.\n {2}Refused:/);
    assert.match(out, /KubeVirt kubevirt\n {2}No defaults\.\n {2}Accepted\.\n/);
    assert.match(out, /\[manifest\.kind\]/);
    assert.match(out, /\[yaml\.syntax\]/);
    assert.match(out, /\[vm\.template\]/);
    assert.match(err, /not checked: v1 Secret/);
  });

  it('uses the settings of --config', async () => {
    const config = join(directory, 'kubevirt.yaml');
    writeFileSync(
      config,
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: { name: kubevirt }\nspec: { configuration: { evictionStrategy: External } }\n',
    );
    const { out } = await runWith(VM, 'explain-admission', '-f', '-', '--config', config);
    assert.match(out, /spec\.evictionStrategy: absent → "External"/);
  });

  it('prints JSON and YAML', async () => {
    const json = JSON.parse((await runWith(VM, 'explain-admission', '-f', '-', '-o', 'json')).out);
    assert.deepEqual(json, parse((await runWith(VM, 'explain-admission', '-f', '-', '-o', 'yaml')).out));
    const object = json.objects[0] as Record<'kind' | 'name' | 'accepted' | 'line', unknown> &
      Record<'stored' | 'instance', AppliedDefault[]>;
    assert.deepEqual([object.kind, object.name, object.accepted, object.line], ['VirtualMachine', 'web', true, 1]);
    assert.equal(object.stored[0]?.id, 'mut.vm-firmware');
    assert.deepEqual(object.instance.find(({ id }) => id === 'mut.arch')?.changes, [
      { path: 'spec.architecture', after: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    ]);
  });

  it('ends with 2 on wrong usage', async () => {
    for (const args of [[], ['/nonexistent.yaml'], ['--nope'], ['-o', 'xml', '-f', 'x']]) {
      assert.equal((await run('explain-admission', ...args)).code, 2, args.join(' '));
    }
  });
});
