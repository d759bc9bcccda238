import { DEV, extra } from '../../../src/validators/rule/examples.js';
import { accepted, group, refused, type SpecCase } from './spec-case.js';

/*
 * docs/reference/admission.md §6.5 and §6.11: where a VM may run, its probes and credentials; and what we refuse beyond
 * the reference.
 */

const NODE = 'spec.affinity.nodeAffinity';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const TERM = `${NODE}.${REQUIRED}.nodeSelectorTerms[0]`;
const expression = (one: object) => ({ [`${NODE}.${REQUIRED}`]: { nodeSelectorTerms: [{ matchExpressions: [one] }] } });
const field = (one: object) => ({ [`${NODE}.${REQUIRED}`]: { nodeSelectorTerms: [{ matchFields: [one] }] } });
const EXPRESSION = `${TERM}.matchExpressions[0]`;
const FIELD = `${TERM}.matchFields[0]`;

const nodes: readonly SpecCase[] = [
  accepted('nothing', { 'spec.affinity': { nodeAffinity: {}, podAffinity: {}, podAntiAffinity: {} } }),
  refused('no terms', { [`${NODE}.${REQUIRED}`]: { nodeSelectorTerms: [] } }, `${NODE}.${REQUIRED}.nodeSelectorTerms`),
  accepted('an empty term', { [`${NODE}.${REQUIRED}`]: { nodeSelectorTerms: [{}] } }),
  refused(
    'a weight of 0',
    { [`${NODE}.${PREFERRED}`]: [{ weight: 0, preference: {} }] },
    `${NODE}.${PREFERRED}[0].weight`,
  ),
  accepted('a weight of 100', { [`${NODE}.${PREFERRED}`]: [{ weight: 100, preference: {} }] }),
  refused(
    'a weight of 101',
    {
      [`${NODE}.${PREFERRED}`]: [
        { weight: 1, preference: {} },
        { weight: 101, preference: {} },
      ],
    },
    `${NODE}.${PREFERRED}[1].weight`,
  ),
  refused('NotIn without values', expression({ key: 'a', operator: 'NotIn', values: [] }), `${EXPRESSION}.values`),
  refused('Exists with values', expression({ key: 'a', operator: 'Exists', values: ['b'] }), `${EXPRESSION}.values`),
  accepted('Exists', expression({ key: 'a/b.c', operator: 'Exists' })),
  refused('Gt without a value', expression({ key: 'a', operator: 'Gt' }), `${EXPRESSION}.values`),
  refused('Lt with two values', expression({ key: 'a', operator: 'Lt', values: ['1', '2'] }), `${EXPRESSION}.values`),
  accepted('Gt with a value', expression({ key: 'a', operator: 'Gt', values: ['5'] })),
  refused(
    'an operator that does not exist',
    expression({ key: 'a', operator: 'Is', values: ['b'] }),
    `${EXPRESSION}.operator`,
  ),
  refused('an empty key', expression({ key: '', operator: 'Exists' }), `${EXPRESSION}.key`),
  refused('a key with two slashes', expression({ key: 'a/b/c', operator: 'Exists' }), `${EXPRESSION}.key`),
  accepted('a field', field({ key: 'metadata.name', operator: 'In', values: ['node-1'] })),
  refused(
    'a field with two values',
    field({ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }),
    `${FIELD}.values`,
  ),
  refused('a field that Exists', field({ key: 'metadata.name', operator: 'Exists' }), `${FIELD}.operator`),
  refused('another field', field({ key: 'metadata.uid', operator: 'In', values: ['a'] }), `${FIELD}.key`),
  refused(
    'a field whose value is no name',
    field({ key: 'metadata.name', operator: 'In', values: ['A_b'] }),
    `${FIELD}.values[0]`,
  ),
  refused(
    'a wrong preference',
    { [`${NODE}.${PREFERRED}`]: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] },
    `${NODE}.${PREFERRED}[0].preference.matchExpressions[0].values`,
  ),
];

const POD = 'spec.affinity.podAffinity';
const ANTI = 'spec.affinity.podAntiAffinity';
const pod = (term: object, place = POD) => ({ [`${place}.${REQUIRED}`]: [{ topologyKey: 'zone', ...term }] });
const POD_TERM = `${POD}.${REQUIRED}[0]`;

const pods: readonly SpecCase[] = [
  accepted('a term', pod({ labelSelector: { matchLabels: { a: 'b' } }, namespaces: ['x'], namespaceSelector: {} })),
  refused('a topology key that is empty', pod({ topologyKey: '' }), `${POD_TERM}.topologyKey`),
  refused('a topology key with a blank', pod({ topologyKey: 'a b' }, ANTI), `${ANTI}.${REQUIRED}[0].topologyKey`),
  refused('a namespace with capitals', pod({ namespaces: ['A'] }), `${POD_TERM}.namespace`),
  refused(
    'a selector without values',
    pod({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    `${POD_TERM}.labelSelector.matchExpressions[0].values`,
  ),
  refused(
    'a selector with an operator that does not exist',
    pod({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] } }),
    `${POD_TERM}.namespaceSelector.matchExpressions[0].operator`,
  ),
  refused(
    'a label that is no value',
    pod({ labelSelector: { matchLabels: { a: 'b c' } } }),
    `${POD_TERM}.labelSelector.matchLabels`,
  ),
  refused(
    'a label that is no key',
    pod({ labelSelector: { matchLabels: { 'a b': 'c' } } }),
    `${POD_TERM}.labelSelector.matchLabels`,
  ),
  refused(
    'a weight of -1',
    { [`${ANTI}.${PREFERRED}`]: [{ weight: -1, podAffinityTerm: { topologyKey: 'zone' } }] },
    `${ANTI}.${PREFERRED}[0].weight`,
  ),
  refused(
    'a preferred term',
    { [`${ANTI}.${PREFERRED}`]: [{ weight: 1, podAffinityTerm: { topologyKey: '' } }] },
    `${ANTI}.${PREFERRED}[0].podAffinityTerm.topologyKey`,
  ),
];

const TSC = 'spec.topologySpreadConstraints';
const spread = (...constraints: readonly object[]) => ({
  [TSC]: constraints.map((one) => ({ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...one })),
});

const spreading: readonly SpecCase[] = [
  accepted('one constraint', spread({})),
  accepted('two', spread({}, { whenUnsatisfiable: 'ScheduleAnyway' })),
  refused('a skew of 0', spread({ maxSkew: 0 }), `${TSC}[0].maxSkew`),
  refused('an empty key', spread({ topologyKey: '' }), `${TSC}[0].topologyKey`),
  refused('a key with a blank', spread({ topologyKey: 'a b' }), `${TSC}[0].topologyKey`),
  refused('another word', spread({ whenUnsatisfiable: 'Never' }), `${TSC}[0].whenUnsatisfiable`),
  refused(
    'a wrong selector',
    spread({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    `${TSC}[0].labelSelector.matchExpressions[0].values`,
  ),
  refused('one twice', spread({}, {}), `${TSC}[1]`),
];

const probe = (one: object) => ({ 'spec.readinessProbe': one });
const tcp = { tcpSocket: { port: 22 } };

const probes: readonly SpecCase[] = [
  accepted('of HTTP', probe({ httpGet: { port: 80, path: '/' } })),
  accepted('of the guest agent', { 'spec.livenessProbe': { guestAgentPing: {} } }),
  refused('of none', probe({ periodSeconds: 5 }), 'spec.readinessProbe'),
  refused('of two', probe({ ...tcp, exec: { command: ['true'] } }), 'spec.readinessProbe'),
  refused(
    'of TCP without a pod network',
    {
      ...probe(tcp),
      [`${DEV}.interfaces`]: [{ name: 'm', bridge: {} }],
      'spec.networks': [{ name: 'm', multus: { networkName: 'n' } }],
    },
    'spec.readinessProbe.tcpSocket',
  ),
  refused(
    'both of HTTP without a network',
    {
      ...probe({ httpGet: { port: 80 } }),
      'spec.livenessProbe': { httpGet: { port: 80 } },
      [`${DEV}.autoattachPodInterface`]: false,
    },
    'spec.readinessProbe.httpGet',
    'spec.livenessProbe.httpGet',
  ),
  accepted('of a command without a network', {
    ...probe({ exec: { command: ['true'] } }),
    [`${DEV}.autoattachPodInterface`]: false,
  }),
  refused(
    'of liveness and a paused start',
    { 'spec.livenessProbe': tcp, 'spec.startStrategy': 'Paused' },
    'spec.startStrategy',
  ),
  accepted('of readiness and a paused start', { ...probe(tcp), 'spec.startStrategy': 'Paused' }),
  // More than the reference:
  accepted('of port 0', probe({ tcpSocket: { port: 0 } })),
  accepted('of no command', probe({ exec: {} })),
  accepted('of a negative delay', probe({ ...tcp, initialDelaySeconds: -1 })),
  accepted('of liveness with two successes', { 'spec.livenessProbe': { ...tcp, successThreshold: 2 } }),
];

const AC = 'spec.accessCredentials[0]';
const source = { secret: { secretName: 's' } };
const ssh = (propagationMethod: object, from: object = source) => ({
  'spec.accessCredentials': [{ sshPublicKey: { source: from, propagationMethod } }],
});
const password = (propagationMethod: object, from: object = source) => ({
  'spec.accessCredentials': [{ userPassword: { source: from, propagationMethod } }],
});
const agent = { qemuGuestAgent: {} };

const credentials: readonly SpecCase[] = [
  accepted('a key by cloud-init', ssh({ noCloud: {} })),
  accepted('a key by the guest agent', ssh({ qemuGuestAgent: { users: ['me'] } })),
  accepted('a password', password(agent)),
  refused('a key by a drive that is not there', ssh({ configDrive: {} }), `${AC}.sshPublicKey.propagationMethod`),
  refused(
    'a key by cloud-init that is not there',
    { ...ssh({ noCloud: {} }), 'spec.volumes[1]': { name: 'init', emptyDisk: { capacity: '1Gi' } } },
    `${AC}.sshPublicKey.propagationMethod`,
  ),
  refused(
    'a key of no users',
    ssh({ qemuGuestAgent: { users: [] } }),
    `${AC}.sshPublicKey.propagationMethod.qemuGuestAgent.users`,
  ),
  refused('a key of no source', ssh({ noCloud: {} }, {}), `${AC}.sshPublicKey.source`),
  refused('a key of no method', ssh({}), `${AC}.sshPublicKey.propagationMethod`),
  refused(
    'a key of two methods',
    ssh({ noCloud: {}, qemuGuestAgent: { users: ['me'] } }),
    `${AC}.sshPublicKey.propagationMethod`,
  ),
  refused('a password of no source', password(agent, {}), `${AC}.userPassword.source`),
  refused('a password of no method', password({}), `${AC}.userPassword.propagationMethod`),
  refused('of no kind', { 'spec.accessCredentials': [{}] }, AC),
  refused(
    'of both kinds',
    {
      'spec.accessCredentials': [
        { ...ssh({ noCloud: {} })['spec.accessCredentials'][0], ...password(agent)['spec.accessCredentials'][0] },
      ],
    },
    AC,
  ),
  accepted('a Secret of an empty name', password(agent, { secret: { secretName: '' } })),
];

/** What the reference does not look at (docs/reference/admission.md §6.4, §6.8, §6.5) and we refuse. */
const beyond: readonly SpecCase[] = [
  accepted('an emptyDisk of one byte', extra({ emptyDisk: { capacity: '1' } })),
  accepted('an emptyDisk of 1Mi', extra({ emptyDisk: { capacity: '1Mi' } })),
  accepted('an ephemeral volume of nothing', extra({ ephemeral: {} })),
  accepted('sysprep of nothing', extra({ sysprep: {} })),
  accepted('a clock of two offsets', { 'spec.domain.clock': { utc: {}, timezone: 'Europe/Berlin' } }),
  accepted('a time zone that does not exist', { 'spec.domain.clock': { timezone: 'Mars/Olympus' } }),
  accepted('a tick policy that does not exist', {
    'spec.domain.clock': { utc: {}, timer: { pit: { tickPolicy: 'hurry' } } },
  }),
  accepted('a firmware UUID that is none', { 'spec.domain.firmware': { uuid: 'me' } }),
  accepted('a firmware serial with a line end', { 'spec.domain.firmware': { serial: 'a\nb' } }),
  accepted('a toleration without a key', { 'spec.tolerations': [{ operator: 'Equal', value: 'x' }] }),
  accepted('a node selector that no node can match', { 'spec.nodeSelector': { 'a b': 'c' } }),
  accepted('a priority class that cannot be', { 'spec.priorityClassName': 'A_b' }),
  accepted('a scheduler that cannot be', { 'spec.schedulerName': 'a b' }),
  accepted('a negative grace period', { 'spec.terminationGracePeriodSeconds': -1 }),
  accepted('a grace period of a year', { 'spec.terminationGracePeriodSeconds': 31536000 }),
];

export const schedulingCases: readonly SpecCase[] = [
  ...group('nodes', nodes),
  ...group('pods', pods),
  ...group('spreading', spreading),
  ...group('probe', probes),
  ...group('credentials', credentials),
  ...group('beyond', beyond),
];
