import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { fakeIo } from '../fake-io.js';

const REST = 'metadata: {name: x}\nspec:\n  domain:\n    memory: {guest: 1Gi}\n    devices: {}\n';
const VMI = `apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\n${REST}`;

describe('lint: which objects are ours, and what is said where nothing was checked', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'admission-'))));
  after(() => rmSync(directory, { recursive: true }));
  const lint = async (text: string): Promise<{ code: number; out: string; err: string }> => {
    const file = join(directory, 'vm.yaml');
    writeFileSync(file, text);
    const io = fakeIo();
    const code = await main(['lint', '-f', file], io);
    return { code, out: io.out().replaceAll(`${directory}/`, ''), err: io.err() };
  };

  for (const version of [
    ...['v1', 'apps/v1', 'kubevirt/v1', 'kubvirt.io/v1', 'virtualization.k8s.io/v1', 'cdi.kubevirt.io/v1beta1'],
    'instancetype.kubevirt.io/v1',
  ]) {
    it(`a VirtualMachineInstance of ${version} is an error`, async () => {
      const { code, out, err } = await lint(VMI.replace('kubevirt.io/v1', version));
      assert.equal(code, 1);
      assert.equal(
        out,
        `vm.yaml:1:1: error: apiVersion "${version}" has no kind VirtualMachineInstance: write apiVersion: kubevirt.io/v1 [manifest.kind]\n`,
      );
      assert.doesNotMatch(err, /ot checked|exit code/);
    });
  }

  it('kinds of that name that other makers have are not ours', async () => {
    const { code, out, err } = await lint(
      'apiVersion: vmoperator.vmware.com/v1alpha1\nkind: VirtualMachine\nmetadata: {name: x}\n',
    );
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /:1: not checked: vmoperator\.vmware\.com\/v1alpha1 VirtualMachine is of another API$/m);
    assert.match(err, /^No virtual machine was checked: exit code 2\.$/m);
  });

  it('of the two that every object has, the missing one is named', async () => {
    const cases: Readonly<Record<string, RegExp>> = {
      [`apiversion: kubevirt.io/v1\nkind: VirtualMachineInstance\n${REST}`]:
        /^vm\.yaml:1:1: error: .*the object has no apiVersion: did you mean "apiVersion" by "apiversion"\?/,
      [`kind: VirtualMachineInstance\n${REST}`]:
        /^vm\.yaml:1:1: error: .*the object has no apiVersion: write apiVersion: kubevirt\.io\/v1/,
      [`apiVersion: kubevirt.io/v1\nKind: VirtualMachineInstance\n${REST}`]:
        /^vm\.yaml:2:1: error: .*the object has no kind: did you mean "kind" by "Kind"\?/,
      [`apiVersion: kubevirt.io/v1\n${REST}`]: /the object has no kind: write one of VirtualMachine, /,
      [`apiVersion: 1\nkind: VirtualMachineInstance\n${REST}`]: /the object has no text in its apiVersion: write/,
      [REST]: /the object has no apiVersion and kind: write kubevirt\.io\/v1 and its kind/,
    };
    for (const [text, expected] of Object.entries(cases)) {
      const { code, out } = await lint(text);
      assert.equal(code, 1);
      assert.match(out, expected);
      assert.equal(out.match(/\n/g)?.length, 1, out);
    }
  });

  it('not every machine checked is told from none, and errors need no more words', async () => {
    const hidden = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  vm: |\n';
    const inside = VMI.replaceAll(/^(?=.)/gm, '    ');
    const some = await lint(`${VMI}---\n${hidden}${inside}`);
    assert.equal(some.code, 2);
    assert.match(some.err, /^Not every virtual machine was checked: exit code 2\.$/m);
    const broken = await lint(`${VMI}  flavour: 1\n---\n${hidden}${inside}`);
    assert.equal(broken.code, 1);
    assert.doesNotMatch(broken.err, /exit code/);
    assert.doesNotMatch((await lint('a: b: c\n')).err, /exit code|virtual machine was checked/);
  });

  it('characters that look like others are named', async () => {
    const cases: readonly (readonly [from: string, to: string, expected: RegExp])[] = [
      [
        'devices:',
        'machine: {type: “q35”}\n    devices:',
        /type is written with U\+201C, which is no quote of YAML: write q35 \[/,
      ],
      [
        'devices:',
        'сpu: {cores: 1}\n    devices:',
        /\[сpu\] is written with U\+0441, a Cyrillic letter, which is no "c": write cpu \[/,
      ],
      ['1Gi', '１Gi', /guest is written with U\+FF11, a full-width character, which is no "1": write 1Gi \[/],
      [
        'devices: {}',
        'machine: {type: pc–q35}\n    devices: {}',
        /type is written with U\+2013, which is no "-": write pc-q35 \[/,
      ],
      [
        'devices: {}',
        'devices:\n      – disks: []',
        /\[– disks\] is written with U\+2013, which is no "-": write - disks \[/,
      ],
      ['devices: {}', 'firmware： {}\n    devices: {}', /:7:13: error: U\+FF1A stands here, which is no ":"/],
      ['devices: {}', 'hοst: 1\n    devices: {}', /U\+03BF, a Greek letter, which is no "o": write host \[/],
    ];
    for (const [from, to, expected] of cases) {
      const { out } = await lint(VMI.replace(from, to));
      assert.match(out, expected);
      assert.equal(out.match(/\n/g)?.length, 1, out);
    }
    const meant = VMI.replace('name: x', 'name: x, annotations: {a: “см. сору – ok”}');
    assert.deepEqual((await lint(meant)).out, '');
    assert.match((await lint(VMI.replace('devices:', 'größe: 1\n    devices:'))).out, /is not a known field/);
  });

  it('variables and templates are shown at the first of their places', async () => {
    const { out } = await lint(VMI.replace('name: x', 'name: "${NAME}"').replace('1Gi', '"${MEMORY}"'));
    assert.match(out, /^vm\.yaml:3:12: error: \$\{NAME\} is a variable/);
    assert.equal(out.match(/yaml\.template/g)?.length, 1, out);
  });
});
