import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCpuSetting, settingVcpus } from '../../../../src/api/virtlet/cpu-setting.js';
import { numaProblems } from '../../../../src/api/virtlet/numa.js';
import { MAX_YAML_LENGTH } from '../../../../src/api/virtlet/yaml-tree.js';
import { arbitraryCpuSetting } from './arbitrary-setting.js';

const problemsOf = (text: string): string[] =>
  readCpuSetting(text).problems.map(({ kind, message }) => `${kind}: ${message}`);
const only = (text: string): string => {
  const problems = problemsOf(text);
  assert.equal(problems.length, 1, problems.join(' | '));
  return problems[0]!;
};

describe('api/virtlet/cpu-setting', () => {
  it('reads every valid setting as it was meant, in every style of YAML and case of names', () => {
    fc.assert(
      fc.property(arbitraryCpuSetting, ({ setting, text, vcpus, memoryKiB }) => {
        const outcome = readCpuSetting(text);
        assert.deepEqual(outcome, { setting, problems: [] }, text);
        assert.ok([undefined, vcpus].includes(settingVcpus(outcome.setting)));
        assert.deepEqual(numaProblems(outcome.setting, vcpus, BigInt(memoryKiB) * 1024n), []);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and gives a setting or a reason', () => {
    const word = fc.constantFrom(
      'mode',
      'model',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '\n',
      '  ',
      '"',
      "'",
      '&a ',
      '*a ',
      '|',
      '!!x ',
      '? ',
      '#',
      '%',
      '\t',
      '---\n',
      '\u0000',
      '\ud800',
      'custom',
      '0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
        ),
        (text) => {
          for (const { message } of readCpuSetting(text).problems) assert.ok(message.length > 10);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses an arbitrary extra field of a valid setting, by name', () => {
    fc.assert(
      fc.property(arbitraryCpuSetting, fc.stringMatching(/^x[a-z]{3,9}$/), ({ setting }, name) => {
        assert.ok(only(JSON.stringify({ ...setting, [name]: 1 })).includes(`"${name}"`));
      }),
      { numRuns: 100 },
    );
  });

  it('takes numbers for text where text is meant, and true and false for on and off', () => {
    const { setting, problems } = readCpuSetting(
      'mode: maximum\nmigratable: true\nnuma: {cells: [{memory: 512000, cpus: 0}]}\n',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(setting, {
      mode: 'maximum',
      migratable: 'on',
      numa: { cell: [{ cpus: '0', memory: '512000' }] },
    });
    assert.deepEqual(readCpuSetting('model: {value: 486}').setting, { model: { value: '486' } });
    assert.deepEqual(readCpuSetting('mode: maximum\nmigratable: off').setting, { mode: 'maximum', migratable: 'off' });
  });

  it('has nothing to say about nothing', () => {
    for (const text of ['', ' \n', '{}', 'null', '~', '# only a comment', 'mode:\nmodel: null'])
      assert.deepEqual(readCpuSetting(text), { setting: {}, problems: [] }, text);
  });

  for (const [text, expected] of [
    ['mode: [', /^syntax: line 1: Flow sequence in block collection must be/],
    ['mode: custom\nmodel:\n  value: a\n bad', /^syntax: line 4: /],
    ['mode: custom\n---\nmode: custom', /^syntax: it holds more than one document/],
    ['a: &x 1\nmode: *x', /^syntax: aliases \(\*name\) are not followed/],
    ['mode: !!binary custom', /^value: mode is an object: write one of custom/],
    ['mode: !mine custom', /^syntax: line 1: Unresolved tag/],
    [`mode: ${'x'.repeat(MAX_YAML_LENGTH)}`, /^syntax: it has 4102 characters; at most 4096/],
    ['['.repeat(MAX_YAML_LENGTH), /^syntax: it is nested too deeply/],
    ['- '.repeat(MAX_YAML_LENGTH / 2), /^syntax: it is nested too deeply/],
    ['["]",'.repeat(MAX_YAML_LENGTH / 5), /^syntax: it is nested too deeply/],
    ['custom', /^value: the setting is "custom": write a map of fields/],
    ['- mode: custom', /^value: the setting is a list: write a map of fields/],
    ['modle: custom', /^field: there is no field "modle": did you mean "mode[l"]/],
    ['__proto__: {}', /^field: there is no field "__proto__": the fields here are mode, match/],
    ['? [a]\n: b', /^field: there is no field "a list": /],
    ['model: {value: Westmere, Fallback: allow, fallback: allow}', /^field: model\.fallback is written twice/],
    ['mode: maximum\nfeatures: []\nfeature: []', /^field: features is written twice/],
    ['mode: Custom', /^value: mode is "Custom": write one of custom, host-model/],
    ['mode: maximum\nmigratable: maybe', /^value: migratable is "maybe": write one of on, off/],
    ['mode: maximum\nfeatures: {name: avx}', /^value: features is a map: write a list/],
    ['mode: maximum\nfeatures: [avx]', /^value: features\[0] is "avx": write a map/],
    ['mode: maximum\nfeatures: [{name: avx}, ~]', /^value: features\[1] is null: write an item/],
    ['mode: maximum\nfeatures: [{policy: disable}]', /^value: features\[0]\.name is missing/],
    ['mode: maximum\nfeatures: [{name: avx}, {name: avx}]', /^value: features\[1] names "avx" again/],
    ['mode: maximum\nfeatures: [{name: "a\\u0007b"}]', /^value: features\[0]\.name is "a\\u0007b": write the name/],
    ['model: {value: Westmere, vendorID: Intel}', /^value: model\.vendorID is "Intel": write exactly 12 characters/],
    ['model: {value: Westmere, vendorID: "Genuine,Inte"}', /^value: model\.vendorID is .* none of them a comma/],
    ['topology: {sockets: 0, cores: 1, threads: 1}', /^value: topology\.sockets is 0: write a whole number from 1/],
    ['topology: {sockets: 1.5, cores: 1, threads: 1}', /^value: topology\.sockets is 1\.5: write a whole number/],
    ['topology: {sockets: 2, threads: 1}', /^value: topology has no cores: write sockets, cores and threads/],
    ['mode: host-model\nmodel: {value: Westmere}', /^value: model\.value has no effect with mode host-model/],
    ['mode: host-model\nmatch: exact', /^value: match has no effect with mode host-model/],
    ['mode: host-passthrough\nvendor: Intel', /^value: vendor has no effect with mode host-passthrough/],
    ['match: exact', /^value: model\.value is missing, and match needs it/],
    ['vendor: Intel', /^value: model\.value is missing, and vendor needs it/],
    ['model: {fallback: forbid}', /^value: model\.value is missing, and model needs it/],
    [
      'model: {value: Westmere}\nmigratable: on',
      /^value: migratable is only for the modes host-passthrough and maximum/,
    ],
    ['cache: {level: 3}', /^value: cache\.mode is missing/],
    ['cache: {mode: emulate}', /^value: cache mode emulate is for level 3/],
    ['cache: {mode: disable, level: 3}', /^value: cache\.level does not go with cache mode disable/],
    ['cache: {mode: passthrough}', /^value: cache mode passthrough is only for the modes host-passthrough and maximum/],
    ['numa: {}', /^value: numa has no cell/],
    ['numa: {cell: [{cpus: "0"}]}', /^value: numa\.cell\[0]\.memory is missing or 0/],
    ['numa: {cell: [{memory: 1, cpus: a-b}]}', /^value: numa\.cell\[0]\.cpus is "a-b": write the numbers/],
    ['numa: {cell: [{memory: 1, unit: KiBi}]}', /^value: numa\.cell\[0]\.unit is "KiBi": write a unit/],
    ['numa: {cell: [{id: 1, memory: 1}, {id: 2, memory: 1}]}', /^value: numa\.cell has the ids 1, 2: number the cells/],
  ] as const) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => assert.match(only(text), expected));
  }

  it('reports everything that is wrong, one by one', () => {
    assert.equal(problemsOf('mode: a\nmatch: b\nfoo: c\nfeatures: [{polici: x}]').length, 4);
  });
});

describe('api/virtlet/numa', () => {
  const problems = (text: string, vcpus: number, bytes: bigint | undefined): string[] =>
    numaProblems(readCpuSetting(text).setting, vcpus, bytes);
  const cell = (members: string): string => `numa: {cell: [{${members}}]}`;

  it('counts memory in every unit of libvirt', () => {
    const units = {
      b: 1n,
      bytes: 1n,
      KB: 1000n,
      k: 1024n,
      KiB: 1024n,
      mb: 1000n ** 2n,
      M: 1024n ** 2n,
      GiB: 1024n ** 3n,
    };
    for (const [unit, bytes] of Object.entries(units)) {
      assert.deepEqual(problems(cell(`memory: 4096, unit: ${unit}`), 1, 4096n * bytes), [], unit);
      assert.equal(problems(cell(`memory: 4096, unit: ${unit}`), 1, 4096n * bytes + 1n).length, 1, unit);
    }
    assert.match(problems(cell('memory: 1000'), 1, 1_048_576n).join(), /hold 1000 KiB, but the guest has 1024 KiB/);
    assert.deepEqual(problems(cell('memory: 1000'), 1, undefined), [], 'memory that is not known is not compared');
  });
  it('knows which vCPUs there are', () => {
    assert.deepEqual(problems(cell('memory: 1, cpus: "0-3"'), 4, 1024n), []);
    assert.deepEqual(problems(cell('memory: 1, cpus: "0-4,^4"'), 4, 1024n), []);
    assert.match(problems(cell('memory: 1, cpus: "0-4"'), 4, 1024n).join(), /vCPUs are 0 to 3: leave out 4/);
    assert.match(problems(cell('memory: 1, cpus: "3-0"'), 4, 1024n).join(), /is no range of vCPUs/);
    assert.match(problems(cell('memory: 1, cpus: "0-65535"'), 4, 1024n).join(), /is no range of vCPUs/);
    const two = 'numa: {cell: [{memory: 1, cpus: "0-2"}, {memory: 1, cpus: "2-3"}]}';
    assert.match(problems(two, 4, 2048n).join(), /cell\[1]\.cpus is "2-3", but vCPU 2 is in another cell too/);
  });
});
