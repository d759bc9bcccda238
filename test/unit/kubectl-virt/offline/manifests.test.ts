import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCliError, renderError } from '../../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { fakeIo } from '../fake-io.js';

const REPORTS = new URL('../../../support/reports/', import.meta.url).pathname;

const VMI = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: x}
spec:
  domain:
    memory: {guest: 1Gi}
    devices: {}
`;
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n';
const indented = (text: string, columns: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(columns));

describe('files of manifests, as lint, render and explain-admission read them', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'manifests-'))));
  after(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const io = fakeIo();
    try {
      const code = await main(args, io);
      return { code, out: io.out().replaceAll(`${directory}/`, ''), err: io.err() };
    } catch (error) {
      assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
      return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
    }
  };
  const lint = (text: string, name = 'vm.yaml') => run('lint', '-f', write(name, text));

  describe('what people reported', () => {
    const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
      '04-yes-no-on-off.yaml': [],
      '05-merge-key.yaml': [],
      '15-helm-template.yaml': [
        /:3:1: error: this is a Helm template: render it first: helm template … \| kubectl virt/,
      ],
      '16-number-where-text-belongs.yaml': [
        /:8:5: error: metadata\.labels\.version.* 1\.10\b.* write "1\.10" in quotes/,
        /:9:5: error: metadata\.labels\.build.* 0123456\b.* write "0123456" in quotes/,
      ],
      '17-template-shifted-left.yaml': [
        /:10:3: error: spec\.template is empty, and metadata, spec below it stand at its level: indent them/,
      ],
      '21-key-written-twice.yaml': [
        /:14:7: error: the key "name" stands in line 13 already.*\[yaml\.duplicate-key\]/,
        /:15:3: error: spec\.evictonStrategy is not a known field; did you mean "evictionStrategy"\?/,
      ],
      '23-non-breaking-spaces.yaml': [/:7:1: error: U\+00A0 NO-BREAK SPACE stands here.*; 3 more lines/],
    };
    it('is all here', () => assert.deepEqual(readdirSync(REPORTS).sort(), Object.keys(EXPECTED).sort()));
    for (const [name, expected] of Object.entries(EXPECTED)) {
      it(name, async () => {
        const { code, out } = await lint(readFileSync(join(REPORTS, name), 'utf8'), name);
        const errors = out.split('\n').filter((line) => line.includes(': error: '));
        assert.equal(errors.length, expected.length, out);
        for (const [index, pattern] of expected.entries()) assert.match(errors[index]!, pattern);
        assert.equal(code, expected.length === 0 ? 0 : 1);
      });
    }
  });

  it('numbers and dates where text belongs keep what was written', async () => {
    const { out } = await lint(
      VMI.replace('{name: x}', '{name: x, labels: {a: 1_000, b: 1e3, c: yes, d: 0x1F, e: .5}}'),
    );
    for (const written of ['1_000', '1e3', 'yes', '0x1F', '.5'])
      assert.ok(out.includes(`write "${written}" in quotes`), out);
    assert.equal((await lint(VMI.replace('{name: x}', '{name: x, annotations: {d: 2020-01-01, t: 12:30}}'))).code, 0);
  });

  it('a space that is missing is the remedy, not the field that it makes', async () => {
    const colon = await lint(VMI.replace('{guest: 1Gi}', '\n      guest:1Gi'));
    assert.match(colon.out, /memory is "guest:1Gi"; a space is missing behind the colon: write "guest: 1Gi"/);
    const dash = await lint(`${VMI}  volumes:\n  - name: a\n    emptyDisk: {capacity: 1Gi}\n  -name: b\n`);
    assert.match(dash.out, /a space is missing behind the dash: write "- name: …"/);
  });

  it('templates in quotes and variables are one message, and other mistakes stay', async () => {
    const text = VMI.replace('1Gi', '"{{ .Values.memory }}"').replace(
      'devices: {}',
      'cpu: {cores: "{{ .Values.cores }}"}',
    );
    const { code, out } = await lint(text);
    assert.equal(code, 1);
    assert.equal(out.match(/yaml\.template/g)?.length, 1, out);
    assert.match(out, /this is a Helm template/);
    const variables = await lint(VMI.replace('1Gi}', '"${MEMORY}"}\n    cpu: {cores: "${CORES}"}\n    memry: 1'));
    assert.deepEqual(variables.out.match(/\[[a-z.]+\]$/gm), ['[yaml.template]', '[schema.unknown]'], variables.out);
    assert.match(variables.out, /\$\{MEMORY\} is a variable to be replaced first: envsubst/);
  });

  it('braces in texts of the guest and in annotations are none', async () => {
    const userData = '## template: jinja\n#cloud-config\n{% if x %}\nhostname: {{ ds.name }} ${HOME}\n{% endif %}\n';
    const { code, out } = await lint(
      `${VMI.replace('{name: x}', "{name: x, annotations: {a: '{{ b }}'}}").replace('devices: {}', 'devices: {disks: [{name: c, disk: {bus: virtio}}]}')}  volumes:\n  - name: c\n    cloudInitNoCloud:\n      userData: |\n${indented(userData, 8)}`,
    );
    assert.deepEqual([code, out], [0, '']);
  });

  describe('wrappers', () => {
    it('Lists in Lists are taken apart, with true places', async () => {
      const inner = `apiVersion: v1\nkind: List\nitems:\n- ${indented(`${VMI}  flavour: 1\n`, 2).trimStart()}`;
      const { code, out } = await lint(`apiVersion: v1\nkind: List\nitems:\n- ${indented(inner, 2).trimStart()}`);
      assert.equal(code, 1);
      assert.match(out, /^vm\.yaml:14:7: error: spec\.flavour is not a known field/);
    });

    const TEMPLATE = `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
parameters:
- {name: NAME, generate: expression, from: 'vm-[a-z0-9]{6}'}
- {name: MEMORY, value: 2Gi}
- {name: CORES, value: "1"}
objects:
- apiVersion: kubevirt.io/v1
  kind: VirtualMachine
  metadata: {name: '\${NAME}'}
  spec:
    runStrategy: Halted
    template:
      spec:
        domain:
          memory: {guest: '\${MEMORY}'}
          cpu: {cores: '\${{CORES}}'}
          devices: {disks: [{name: a, disk: {bus: virtio}}]}
        volumes: [{name: a, containerDisk: {image: 'x/y:\${NAME}'}}]
`;
    it("OpenShift's Templates are checked with the values of their parameters", async () => {
      assert.deepEqual(await lint(TEMPLATE).then(({ code, out }) => [code, out]), [0, '']);
      const { out } = await lint(TEMPLATE.replace('value: 2Gi', 'value: 2Gb').replace('cpu:', 'cpuu:'));
      assert.match(out, /^vm\.yaml:17:20: error: spec\.template\.spec\.domain\.memory\.guest is "2Gb"/m);
      assert.match(out, /^vm\.yaml:18:11: error: spec\.template\.spec\.domain\.cpuu is not a known field/m);
      const rendered = await run('render', '-f', write('t.yaml', TEMPLATE));
      assert.match(rendered.out, /name: vm-aaaaaa/);
    });

    it('a parameter without a value is told, and nothing is said of what has it', async () => {
      const { code, out, err } = await lint(
        TEMPLATE.replace('value: 2Gi', 'required: true').replace('value: "1"', 'required: true'),
      );
      assert.deepEqual([code, out], [0, '']);
      assert.match(err, /:4: not checked: fields with MEMORY, CORES, which must be given/);
    });

    const HIDDEN: Readonly<Record<string, readonly [text: string, place: RegExp]>> = {
      ManifestWork: [
        `apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: a}\nspec:\n  workload:\n    manifests:\n    - ${indented(VMI, 6).trimStart()}`,
        /:7: not checked: .* ManifestWork .*virtual machine in its spec\.workload\.manifests\[0\]/,
      ],
      ConfigMap: [
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  vm.yaml: |\n${indented(VMI, 4)}`,
        /:5: not checked: v1 ConfigMap .*virtual machine in its data\[vm\.yaml\]/,
      ],
      Application: [
        `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {helm: {values: "a: 1"}}}\n`,
        /:1: not checked: argoproj\.io\/v1alpha1 Application is of another API$/m,
      ],
    };
    for (const [kind, [text, place]] of Object.entries(HIDDEN)) {
      it(`${kind}: the exit code says that nothing was checked`, async () => {
        for (const command of ['lint', 'explain-admission', 'render']) {
          const { code, err } = await run(command, '-f', write('wrapper.yaml', text));
          assert.equal(code, 2, command);
          assert.match(err, place);
        }
      });
    }

    it('a virtual machine in another object is not hidden by one beside it, a Service hides nothing', async () => {
      assert.equal((await lint(`${VMI}---\n${HIDDEN['ManifestWork']![0]}`)).code, 2);
      const scaler = `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec: {scaleTargetRef: {apiVersion: kubevirt.io/v1, kind: VirtualMachineInstanceReplicaSet, name: x}}\n`;
      for (const beside of [SERVICE, scaler]) assert.equal((await lint(`${VMI}---\n${beside}`)).code, 0);
      assert.equal((await lint(SERVICE)).code, 2);
      assert.equal((await lint(`${VMI.replace('1Gi', '1Gb')}---\n${SERVICE}`)).code, 1);
    });
  });

  it('files of Kustomize and Helm that lie beside manifests are left out, and told', async () => {
    const below = join(directory, 'beside');
    mkdirSync(below);
    for (const name of ['kustomization.yaml', 'values.yaml', 'values-prod.yaml', 'Chart.yaml']) {
      writeFileSync(join(below, name), 'name: x\n');
    }
    writeFileSync(join(below, 'vm.yaml'), VMI);
    const { code, out, err } = await run('lint', '-f', below);
    assert.deepEqual([code, out, err.match(/not checked: this is/g)?.length], [0, '', 4]);
  });

  it('files of Windows editors are read: UTF-16, CRLF', async () => {
    const path = join(directory, 'windows.yaml');
    writeFileSync(path, Buffer.from(`\ufeff${VMI.replaceAll('\n', '\r\n')}`, 'utf16le'));
    assert.deepEqual(await run('lint', '-f', path).then(({ code, out }) => [code, out]), [0, '']);
  });

  it('what render prints is what kubectl reads: a text that looks like something else is quoted', async () => {
    const labels = '{a: "yes", b: "0123", c: "1_000", d: "n", "on": "~", e: "<<", f: plain}';
    const { out } = await run(
      'render',
      '-f',
      write('labels.yaml', VMI.replace('{name: x}', `{name: x, annotations: ${labels}}`)),
    );
    for (const text of ['yes', '0123', '1_000', 'n', 'on', '~', '<<'])
      assert.ok(out.includes(`"${text}"`), `${text}\n${out}`);
    assert.match(out, /f: plain$/m);
  });
});
