import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import type { CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';

/* Fields under another name or at another place than the API's: one cause each, which says what was meant. */

const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => '00000000-0000-4000-8000-000000000000',
};
const causes = (kind: CheckedKind, spec: object, metadata: object = {}) =>
  admit(
    {
      kind,
      operation: 'CREATE',
      object: { apiVersion: 'kubevirt.io/v1', kind, metadata: { name: 'a', ...metadata }, spec },
    },
    context,
  ).causes;
const told = (kind: CheckedKind, spec: object, metadata: object = {}): string[] =>
  causes(kind, spec, metadata).map(({ message, field }) =>
    message.startsWith(`${field} `) ? message : `${field}: ${message}`,
  );

const memory = { guest: '1Gi' };
const domain = { memory, devices: {} };
const vm = (more: object = {}, template: object = {}): string[] =>
  told('VirtualMachine', { runStrategy: 'Halted', template: { spec: { domain }, ...template }, ...more });
const vmi = (more: object): string[] => told('VirtualMachineInstance', { domain, ...more });
const inDomain = (more: object): string[] => vmi({ domain: { ...domain, ...more } });
const devices = (more: object): string[] => vmi({ domain: { memory, devices: more } });
const interfaces = (more: object): string[] =>
  told('VirtualMachineInstance', {
    domain: { memory, devices: { interfaces: [{ name: 'default', ...more }] } },
    networks: [{ name: 'default', pod: {} }],
  });

const disk = (more: object): string[] => devices({ disks: [{ name: 'a', ...more }] });
const volume = (more: object): string[] => vmi({ volumes: [{ name: 'a', ...more }] });

const UNKNOWN = 'is not a known field;';

describe('a field at another place', () => {
  it('in the metadata of a template belongs in its spec', () => {
    assert.deepEqual(
      vm(
        {},
        {
          metadata: { terminationGracePeriodSeconds: 3600, evictionStrategy: 'LiveMigrate', nodeSelector: { a: 'b' } },
        },
      ),
      ['terminationGracePeriodSeconds', 'evictionStrategy', 'nodeSelector'].map(
        (name) => `spec.template.metadata.${name} ${UNKNOWN} it belongs in spec.template.spec`,
      ),
    );
  });
  it('in the metadata of a DataVolume template belongs in what was written of its spec', () => {
    const [found, ...others] = vm({
      dataVolumeTemplates: [
        {
          metadata: { name: 'root', accessModes: ['ReadWriteMany'] },
          spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '1Gi' } } } },
        },
      ],
      template: { spec: { domain, volumes: [{ name: 'root', dataVolume: { name: 'root' } }] } },
    });
    assert.deepEqual(others, []);
    assert.equal(
      found,
      `spec.dataVolumeTemplates[0].metadata.accessModes ${UNKNOWN} it belongs in spec.dataVolumeTemplates[0].spec.storage`,
    );
  });
  it('in an object’s own metadata belongs in the spec', () => {
    assert.deepEqual(
      told('VirtualMachine', { runStrategy: 'Halted', template: { spec: { domain } } }, { hostname: 'a' }),
      [`metadata.hostname ${UNKNOWN} it belongs in spec.template.spec`],
    );
  });
  it('of a template that is written beside it is read there, and all else is told too', () => {
    const moved = { template: null, metadata: { labels: { app: 'a' } }, spec: { domain } };
    const [only, ...more] = told('VirtualMachine', { runStrategy: 'Halted', ...moved });
    assert.equal(only, 'spec.template is empty, and metadata, spec below it stand at its level: indent them');
    assert.deepEqual(more, []);
    const wrong = causes('VirtualMachine', {
      runStrategy: 'Halted',
      ...moved,
      spec: { domain, evictionStrategy: 'No' },
    });
    assert.deepEqual(
      wrong.map(({ field }) => field),
      ['spec.template', 'spec.spec.evictionStrategy'],
    );
  });
  it('of an empty object at its level is one cause, whatever else is empty', () => {
    const indent = 'below it stand at its level: indent them';
    const moved = { cpu: { cores: 2 }, memory, devices: null, interfaces: [] };
    assert.deepEqual(vm({}, { spec: { domain: null, ...moved } }), [
      `spec.template.spec.domain is empty, and cpu, devices, memory, interfaces ${indent}`,
    ]);
    assert.deepEqual(
      told('VirtualMachine', {
        runStrategy: 'Halted',
        template: { metadata: null, labels: {}, name: 'a', spec: { domain } },
      }),
      [`spec.template.metadata is empty, and labels, name ${indent}`],
    );
    const whole = {
      kind: 'VirtualMachine',
      metadata: null,
      name: 'a',
      spec: null,
      running: false,
      template: { spec: { domain } },
    };
    assert.deepEqual(
      admit(
        { kind: 'VirtualMachine', operation: 'CREATE', object: { apiVersion: 'kubevirt.io/v1', ...whole } },
        context,
      ).causes.map(({ message }) => message),
      [
        'metadata is empty, and name below it stands at its level: indent it',
        `spec is empty, and running, template ${indent}`,
      ],
    );
  });
  const places: [what: string, told: readonly string[], remedy: string][] = [
    ['disks in the spec', vmi({ disks: [] }), 'it belongs in spec.domain.devices'],
    ['networks in devices', devices({ networks: [] }), 'it belongs in spec'],
    ['resources in the spec', vmi({ resources: {} }), 'it belongs in spec.domain'],
    ['the memory of the guest', inDomain({ guest: '1Gi' }), 'it belongs in spec.domain.memory'],
    ['a run strategy in the template', vm({}, { runStrategy: 'Always' }), 'it belongs in spec'],
    ['a template’s host name', vm({ hostname: 'a' }), 'it belongs in spec.template.spec'],
    ['cores in the domain', inDomain({ cores: 2 }), 'it belongs in spec.domain.cpu'],
    ['the bus of a disk', disk({ bus: 'virtio' }), 'it belongs in spec.domain.devices.disks[0].disk'],
    ['the bus of a CD-ROM', disk({ cdrom: { readonly: true }, bus: 'sata' }), 'disks[0].cdrom'],
    ['the bus of an empty disk', disk({ cdrom: {}, bus: 'sata' }), 'disks[0].cdrom'],
    ['a claim', volume({ claimName: 'a' }), 'it belongs in spec.volumes[0].persistentVolumeClaim'],
    ['data for cloud-init', volume({ userData: '#' }), 'it belongs in spec.volumes[0].cloudInitNoCloud'],
    [
      'data beside its source',
      volume({ cloudInitConfigDrive: null, userData: '#' }),
      'cloudInitConfigDrive is empty, and userData below it stands',
    ],
    ['the image of a volume', volume({ image: 'a' }), 'it belongs in spec.volumes[0].containerDisk'],
    [
      'one of several places',
      disk({ cdrom: {}, lun: {}, bus: 'sata' }).slice(0, 1),
      'it belongs in one of spec.domain.devices.disks[0].cdrom, spec.domain.devices.disks[0].lun',
    ],
    ['memory of the resources', vmi({ domain: { devices: {}, resources: { memory: '1Gi' } } }), 'resources.requests'],
    ['another case', vm({}, { RunStrategy: 'Always' }), 'write spec.runStrategy in its place'],
    ['memory in devices', devices({ memory: { guest: '1Gi' } }), 'it belongs in spec.domain'],
    [
      'a cache in a disk’s target',
      devices({ disks: [{ name: 'a', disk: { cache: 'none' } }] }),
      'it belongs in spec.domain.devices.disks[0]',
    ],
  ];
  for (const [what, [first = '', ...others], remedy] of places) {
    it(`is told where it belongs: ${what}`, () => {
      assert.ok(first.includes(remedy), first);
      assert.deepEqual(
        others.filter((one) => !one.includes('volume')),
        [],
      );
    });
  }
});

describe('a field under another name', () => {
  it('is one cause, whatever follows from its lack', () => {
    assert.deepEqual(interfaces({ masquarade: {} }), [
      `spec.domain.devices.interfaces[0].masquarade ${UNKNOWN} did you mean "masquerade"?`,
    ]);
    assert.deepEqual(told('VirtualMachineInstance', { domain: { memroy: memory, devices: {} } }), [
      `spec.domain.memroy ${UNKNOWN} did you mean "memory"?`,
    ]);
    assert.deepEqual(told('VirtualMachine', { runStrategy: 'Halted', tempalte: { spec: { domain } } }), [
      `spec.tempalte ${UNKNOWN} did you mean "template"?`,
    ]);
    assert.deepEqual(told('VirtualMachine', { runStrategi: 'Halted', template: { spec: { domain } } }), [
      `spec.runStrategi ${UNKNOWN} did you mean "runStrategy"?`,
    ]);
  });
  const names: [what: string, told: readonly string[], remedy: RegExp][] = [
    ['swapped letters', interfaces({ masquerade: {}, modle: 'virtio' }), /did you mean "model"\?/],
    ['snake case', vmi({ termination_grace_period_seconds: 1 }), /did you mean "terminationGracePeriodSeconds"\?/],
    ['its beginning', vmi({ terminationGracePeriod: 1 }), /did you mean "terminationGracePeriodSeconds"\?/],
    ['the singular', devices({ interface: [] }), /did you mean "interfaces"\?/],
    ['other systems’ name of memory', inDomain({ ram: '1Gi' }), /called memory.guest/],
    ['other systems’ name of CPUs', inDomain({ vcpus: 2 }), /called cpu.cores/],
    [
      'what it was called once',
      vmi({ volumes: [{ name: 'a', cloudInitNoCloud: { userDataSecretRef: { name: 'b' } } }] }),
      /called secretRef here/,
    ],
    ['an older name beside the new', disk({ volumeName: 'a', disk: {} }), /remove it: it is called name here/],
    ['an older name with another value', disk({ volumeName: 'b', disk: {} }), /write name: "b", once/],
    ['nothing near', interfaces({ masquerade: {}, zzzzzz: 1 }), /remove it; the fields here are acpiIndex, binding, /],
  ];
  for (const [what, [first = '', ...others], remedy] of names) {
    it(`finds its word: ${what}`, () => {
      assert.match(first, remedy);
      assert.deepEqual(
        others.filter((one) => !one.includes('volume')),
        [],
      );
    });
  }
});

describe('a field of another kind', () => {
  const template = { spec: { domain } };
  it('is one cause where the whole spec is of one, and the rest is read in its place', () => {
    const remedy = 'write kind: VirtualMachine';
    assert.deepEqual(told('VirtualMachineInstance', { runStrategy: 'Halted', template }), [
      `spec is a VirtualMachine’s, with template, runStrategy: ${remedy}`,
    ]);
    assert.deepEqual(told('VirtualMachineInstance', { replicas: 2, selector: {}, template }), [
      `spec is a VirtualMachine’s, with template, replicas, selector: ${remedy}`.replaceAll(
        'VirtualMachine',
        'VirtualMachineInstanceReplicaSet',
      ),
    ]);
    assert.deepEqual(
      causes('VirtualMachineInstance', { running: true, template: { spec: { domain, evictionStrategy: 'No' } } }).map(
        ({ field }) => field,
      ),
      ['spec', 'spec.template.spec.evictionStrategy'],
    );
    assert.equal(told('VirtualMachineInstance', { running: true, template: null }).length, 2);
  });
  const fields: [told: readonly string[], remedy: RegExp][] = [
    [vmi({ running: true }), /^spec\.running .* a VirtualMachine has it, .* write kind: VirtualMachine$/],
    [vm({ replicas: 2 }), /^spec\.replicas .* a VirtualMachineInstanceReplicaSet has it/],
    [vm({ selector: { matchLabels: {} } }), /^spec\.selector .* a VirtualMachineInstanceReplicaSet has it/],
    [vmi({ containers: [] }), /^spec\.containers .* a Pod has it, .*containerDisk$/],
    [vmi({ restartPolicy: 'Never' }), /^spec\.restartPolicy .* a Pod has it, .*runStrategy$/],
  ];
  for (const [[first = '', ...others], remedy] of fields) {
    it(`says whose it is: ${first.split(' ', 1).join()}`, () => {
      assert.match(first, remedy);
      assert.deepEqual(others, []);
    });
  }
});

describe('what an instance type brings', () => {
  it('is not said to be missing, whether it is known or not', () => {
    for (const name of ['u1.small', 'beos.small']) {
      const spec = { runStrategy: 'Halted', instancetype: { name }, preference: { name: 'fedora' } };
      assert.deepEqual(causes('VirtualMachine', { ...spec, template: { spec: { domain: { devices: {} } } } }), []);
    }
  });
});
