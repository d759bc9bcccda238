import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { AGENT_PORT } from '../../../src/agent-api/identity.js';
import { MARK_TIMEOUT_MS } from '../../../src/webhook/eviction/store.js';

const MANIFESTS = fileURLToPath(new URL('../../../manifests', import.meta.url));
const { version } = JSON.parse(readFileSync(path.join(MANIFESTS, '..', 'package.json'), 'utf8')) as { version: string };
const { resources } = parse(readFileSync(path.join(MANIFESTS, 'kustomization.yaml'), 'utf8')) as {
  resources: string[];
};

interface Rule {
  readonly resourceNames?: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly seccompProfile?: { readonly type: string };
  readonly capabilities?: { readonly drop: readonly string[] };
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold?: number;
}
/** What the tests below look at. */
interface Installed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
  readonly webhooks: readonly {
    readonly name: string;
    readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
    readonly clientConfig: { readonly service: object };
    readonly failurePolicy: string;
    readonly timeoutSeconds: number;
    readonly sideEffects: string;
  }[];
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes?: readonly {
          readonly secret?: object;
          readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: object }[] };
        }[];
        readonly securityContext: SecurityContext;
        readonly automountServiceAccountToken?: boolean;
        readonly containers: readonly {
          readonly securityContext: SecurityContext;
          readonly command?: readonly string[];
          readonly args?: readonly string[];
          readonly resources: { readonly requests: { readonly cpu: string } };
          readonly startupProbe: Probe;
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
        }[];
        readonly priorityClassName?: string;
      };
    };
  };
}

/** A NetworkPolicy, as far as it is looked at. */
interface Policy {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes: readonly string[];
    readonly ingress: readonly {
      readonly from?: readonly object[];
      readonly ports: readonly { readonly protocol: string; readonly port: number }[];
    }[];
  };
}
interface Workload {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly hostNetwork?: boolean;
        readonly containers: readonly {
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
        }[];
      };
    };
  };
}

/** All objects of a manifest. */
const objects = (file: string): Installed[] =>
  parseAllDocuments(readFileSync(path.join(MANIFESTS, file), 'utf8')).map((document) => document.toJS() as Installed);
const installed = resources.flatMap(objects);
const ofKind = (kind: string) => installed.filter((object) => object.kind === kind);
const rulesOf = (program: string) =>
  [...ofKind('ClusterRole'), ...ofKind('Role')]
    .filter(({ metadata }) => metadata.name === program || metadata.name === `kubevirt.io:${program}`)
    .flatMap(({ kind, rules }) => rules.map((rule) => ({ kind, ...rule })));

/** What the programs may read or change by name alone. */
const NAMED = [
  'virt-webhook signers: kubevirt.io/virt-agent',
  'virt-webhook secrets: virt-webhook-certificates virt-webhook-requester-keys',
  'virt-webhook configmaps: virt-agent-ca virt-requester-keys',
  'virt-agent configmaps: virt-agent-ca',
];

describe('the manifests', () => {
  it('start each program with the limits of the heap that its own launcher has', () => {
    for (const program of ['virt-webhook', 'virt-controller', 'virt-agent']) {
      const [pod] = [...ofKind('Deployment'), ...ofKind('DaemonSet')].filter(
        ({ metadata }) => metadata.name === program,
      );
      const [, ...flags] = pod?.spec.template.spec.containers[0]?.command?.slice(0, -1) ?? [];
      const [launcher] = readFileSync(path.join(MANIFESTS, '..', 'bin', program), 'utf8').split('\n');
      assert.ok(flags.length > 0);
      assert.equal(launcher, `#!/usr/bin/env -S node ${flags.join(' ')}`);
    }
  });

  it('let no program be killed for being busy: liveness off the busy path, a minute of it, and CPU that holds', () => {
    const programs = [...ofKind('Deployment'), ...ofKind('DaemonSet')];
    assert.equal(programs.length, 3);
    for (const { metadata, spec } of programs) {
      const { containers, priorityClassName = '' } = spec.template.spec;
      const [{ args, resources, startupProbe, livenessProbe, readinessProbe } = assert.fail(metadata.name)] =
        containers;
      assert.match(priorityClassName, /^system-(node|cluster)-critical$/);
      assert.ok(args?.some((arg) => arg.startsWith('--liveness-listen=')));
      for (const probe of [startupProbe, livenessProbe])
        assert.deepEqual(probe.httpGet, { path: '/healthz', port: 'liveness', scheme: 'HTTP' });
      assert.equal(readinessProbe.httpGet.path, '/readyz');
      assert.ok(readinessProbe.timeoutSeconds >= 5);
      assert.ok(livenessProbe.timeoutSeconds >= 10);
      assert.ok((livenessProbe.failureThreshold ?? 3) * livenessProbe.periodSeconds >= 60);
      assert.ok((startupProbe.failureThreshold ?? 3) * startupProbe.periodSeconds >= 60);
      assert.ok(parseInt(resources.requests.cpu) >= 50, `${metadata.name} asks for ${resources.requests.cpu} of CPU`);
    }
  });

  it('install every CRD and name no file that is not there', () => {
    for (const file of resources) assert.ok(existsSync(path.join(MANIFESTS, file)), file);
    const crds = readdirSync(path.join(MANIFESTS, 'crds')).filter((file) => file.endsWith('.yaml'));
    assert.deepEqual(
      crds.filter((file) => !resources.includes(`crds/${file}`)),
      [],
    );
  });

  it('use images of this version', () => {
    const text = resources.map((file) => readFileSync(path.join(MANIFESTS, file), 'utf8')).join('\n');
    const images = [...text.matchAll(/kubectl-virt\/(?:control|launcher):([\w.-]+)/g)];
    assert.ok(images.length >= 4);
    for (const [image, tag] of images) assert.equal(tag, version, image);
  });

  it('use API versions that Kubernetes 1.20 and its successors both serve', () => {
    const versions = new Set(installed.map(({ apiVersion }) => apiVersion));
    assert.deepEqual(
      [...versions].filter((each) => each.includes('beta')),
      [],
    );
    assert.ok(!versions.has('policy/v1'), 'policy/v1 begins with 1.21');
  });

  it('give no program Secrets of the whole cluster, and the agent none at all', () => {
    for (const program of ['virt-webhook', 'virt-controller', 'virt-agent']) {
      const rules = rulesOf(program);
      assert.ok(rules.length > 0, program);
      for (const { kind, resources: named, verbs } of rules) {
        assert.ok(!named.includes('*') && !verbs.includes('*'), `${program} has a wildcard`);
        if (named.includes('secrets')) assert.equal(`${kind} of ${program}`, 'Role of virt-webhook');
        if (program === 'virt-agent') assert.ok(!named.includes('pods'), 'the agent reads no pods');
      }
    }
  });

  // What the code calls; another verb here means another call there.
  const used: Record<string, Record<string, readonly string[]>> = {
    'virt-webhook': {
      kubevirts: ['list', 'watch'],
      virtualmachines: ['get', 'patch'],
      virtualmachineinstancereplicasets: ['get'],
      virtualmachineinstances: ['get', 'list', 'patch', 'watch'],
      'virtualmachines/status': ['patch'],
      mutatingwebhookconfigurations: ['get', 'patch'],
      validatingwebhookconfigurations: ['get', 'patch'],
      apiservices: ['get', 'patch'],
      secrets: ['create', 'get', 'update'],
      configmaps: ['create', 'get', 'update'],
      pods: ['list', 'watch'],
      virtualmachineclusterpolicies: ['get', 'list', 'watch'],
      virtualmachinepolicies: ['get', 'list', 'watch'],
      virtualmachinepolicyexceptions: ['get', 'list', 'watch'],
      namespaces: ['get', 'list', 'watch'],
      events: ['create', 'patch'],
      certificatesigningrequests: ['list', 'watch'],
      'certificatesigningrequests/approval': ['update'],
      'certificatesigningrequests/status': ['update'],
      signers: ['approve', 'sign'],
      virtualmachineinstancetypes: ['list', 'watch'],
      virtualmachineclusterinstancetypes: ['list', 'watch'],
      virtualmachinepreferences: ['list', 'watch'],
      virtualmachineclusterpreferences: ['list', 'watch'],
      controllerrevisions: ['list', 'watch'],
      persistentvolumeclaims: ['list', 'watch'],
      datavolumes: ['list', 'watch'],
    },
    'virt-controller': {
      kubevirts: ['list', 'watch'],
      virtualmachines: ['get', 'list', 'patch', 'watch'],
      virtualmachineinstances: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
      virtualmachineinstancereplicasets: ['list', 'watch'],
      'virtualmachines/status': ['patch'],
      'virtualmachineinstancereplicasets/status': ['patch'],
      'kubevirts/status': ['patch'],
      'virtualmachines/finalizers': ['update'],
      'virtualmachineinstances/finalizers': ['update'],
      'virtualmachineinstancereplicasets/finalizers': ['update'],
      pods: ['create', 'delete', 'get', 'list', 'watch'],
      virtnodes: ['get', 'list', 'watch'],
      nodes: ['get', 'list', 'patch', 'watch'],
      persistentvolumeclaims: ['create', 'get', 'list', 'patch', 'watch'],
      storageclasses: ['get', 'list'],
      datavolumes: ['create', 'list', 'watch'],
      'datavolumes/source': ['create'],
      datasources: ['get'],
      subjectaccessreviews: ['create'],
      configmaps: ['get'],
      'datavolumes/status': ['patch'],
      'datavolumes/finalizers': ['update'],
      customresourcedefinitions: ['list', 'watch'],
      virtualmachineclusterpolicies: ['list', 'watch'],
      virtualmachinepolicies: ['list', 'watch'],
      virtualmachinepolicyexceptions: ['list', 'watch'],
      'virtualmachineclusterpolicies/status': ['patch'],
      'virtualmachinepolicies/status': ['patch'],
      'virtualmachinepolicyexceptions/status': ['patch'],
      namespaces: ['get'],
      resourcequotas: ['list', 'watch'],
      virtualmachineinstancetypes: ['list', 'watch'],
      virtualmachinepreferences: ['list', 'watch'],
      virtualmachineclusterinstancetypes: ['create', 'delete', 'list', 'patch', 'watch'],
      virtualmachineclusterpreferences: ['create', 'delete', 'list', 'patch', 'watch'],
      controllerrevisions: ['create', 'delete', 'get', 'list', 'watch'],
      events: ['create', 'list', 'patch'],
      leases: ['create', 'get', 'update'],
      daemonsets: ['get', 'patch'],
      deployments: ['get'],
    },
    'virt-agent': {
      kubevirts: ['list', 'watch'],
      virtualmachineinstances: ['list', 'patch', 'watch'],
      virtnodes: ['create', 'patch'],
      nodes: ['get', 'list', 'watch'],
      certificatesigningrequests: ['create', 'get'],
      configmaps: ['list', 'watch'],
      events: ['create', 'patch'],
    },
  };
  for (const [program, expected] of Object.entries(used)) {
    it(`give ${program} no right that it does not use`, () => {
      const granted: Record<string, string[]> = {};
      for (const { resources: named, verbs } of rulesOf(program)) {
        for (const resource of named) granted[resource] = [...(granted[resource] ?? []), ...verbs].toSorted();
      }
      assert.deepEqual(granted, expected);
    });
  }

  it('narrow to names what could be anybody’s: ConfigMaps, Secrets and signers', () => {
    const named = ['virt-webhook', 'virt-agent'].flatMap((program) =>
      rulesOf(program).flatMap(({ resources, verbs, resourceNames, kind }) => {
        const [resource = ''] = resources;
        if (!['configmaps', 'secrets', 'signers'].includes(resource) || verbs.includes('create')) return [];
        assert.ok(kind === 'Role' || resource === 'signers');
        return [`${program} ${resource}: ${resourceNames?.join(' ') ?? 'all'}`];
      }),
    );
    assert.deepEqual(named, NAMED);
  });

  it('give the agent a token that is bound to its pod, for an hour, and mount no other', () => {
    const [agent] = ofKind('DaemonSet');
    const pod = agent?.spec.template.spec;
    assert.equal(pod?.automountServiceAccountToken, false);
    const tokens = (pod.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
    assert.deepEqual(
      tokens.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []),
      [{ path: 'token', expirationSeconds: 3600 }],
    );
    assert.deepEqual(
      (pod.volumes ?? []).filter(({ secret }) => secret !== undefined),
      [],
      'no key that others have too',
    );
  });

  it('run webhook and controller as Pod Security "restricted" asks', () => {
    const deployments = ofKind('Deployment');
    assert.equal(deployments.length, 2);
    for (const { spec } of deployments) {
      const pod = spec.template.spec;
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.automountServiceAccountToken, true, 'said, not left to the account');
      assert.equal(pod.securityContext.seccompProfile?.type, 'RuntimeDefault');
      for (const { securityContext } of pod.containers) {
        assert.equal(securityContext.allowPrivilegeEscalation, false);
        assert.equal(securityContext.readOnlyRootFilesystem, true);
        assert.deepEqual(securityContext.capabilities?.drop, ['ALL']);
      }
    }
  });

  it('have every kind checked, and what a status asks for; only what gets defaults is mutated', () => {
    const matched = (kind: string) =>
      ofKind(kind)
        .flatMap(({ webhooks }) => webhooks.flatMap(({ rules }) => rules.flatMap((rule) => rule.resources)))
        .toSorted();
    assert.deepEqual(matched('MutatingWebhookConfiguration'), [
      'kubevirts',
      'virtualmachineclusterpolicies',
      'virtualmachineinstances',
      'virtualmachinepolicies',
      'virtualmachinepolicyexceptions',
      'virtualmachines',
    ]);
    assert.deepEqual(matched('ValidatingWebhookConfiguration'), [
      // Their settings, and the pause of all policies.
      'kubevirts',
      'kubevirts',
      'pods/eviction',
      'virtnodes',
      'virtualmachineclusterinstancetypes',
      // Written, and deleted.
      'virtualmachineclusterpolicies',
      'virtualmachineclusterpolicies',
      'virtualmachineclusterpreferences',
      'virtualmachineinstancereplicasets',
      'virtualmachineinstancereplicasets/status',
      'virtualmachineinstances',
      'virtualmachineinstancetypes',
      'virtualmachinepolicies',
      'virtualmachinepolicies',
      'virtualmachinepolicyexceptions',
      'virtualmachinepreferences',
      'virtualmachines',
      'virtualmachines/status',
    ]);
  });

  const EVICTIONS = 'virt-launcher-eviction-interceptor.kubevirt.io';
  const webhooks = [...ofKind('MutatingWebhookConfiguration'), ...ofKind('ValidatingWebhookConfiguration')].flatMap(
    (configuration) => configuration.webhooks,
  );

  it('match nothing but our own kinds and evictions with webhooks that answer in time', () => {
    assert.ok(webhooks.length >= 6);
    for (const { name, rules, timeoutSeconds, sideEffects, failurePolicy } of webhooks) {
      assert.ok(timeoutSeconds <= 10);
      if (name === EVICTIONS) continue;
      // Who weakens or pauses policies is told of in an Event, and what policies refuse, but for dry runs.
      const ofVms = [
        'virtualmachine-validator',
        'virtualmachineinstances-validator',
        'virtualmachinereplicaset-validator',
      ];
      const ofPolicies = name.endsWith('.policies.kubectl-virt.io') && !name.includes('mutator');
      const tells = ofPolicies || ofVms.includes(name.replace('.kubevirt.io', ''));
      assert.deepEqual([sideEffects, failurePolicy], [tells ? 'NoneOnDryRun' : 'None', 'Fail'], name);
      for (const { apiGroups } of rules)
        assert.match(apiGroups.join(), /^(?:policies\.kubectl-virt|(?:instancetype\.)?kubevirt)\.io$/);
    }
  });

  it('never stop an eviction because no webhook answers, and let a dry run through', () => {
    const [eviction, ...others] = webhooks.filter(({ name }) => name === EVICTIONS);
    assert.deepEqual(others, []);
    assert.equal(eviction?.failurePolicy, 'Ignore');
    assert.equal(eviction.sideEffects, 'NoneOnDryRun');
    assert.deepEqual(
      eviction.rules.map(({ apiGroups, resources: named }) => [apiGroups, named]),
      [[[''], ['pods/eviction']]],
    );
    // A mark that takes longer than the API server waits would let the eviction go on.
    assert.ok(eviction.timeoutSeconds * 1000 > MARK_TIMEOUT_MS + 1000);
  });

  it('leave the path of each webhook to the program, which hides a token in it: an apply would take that away', () => {
    for (const { name, clientConfig } of webhooks)
      assert.deepEqual(Object.keys(clientConfig.service).toSorted(), ['name', 'namespace', 'port'], name);
  });

  describe('let connect', () => {
    const policies = ofKind('NetworkPolicy') as unknown as Policy[];
    const workloads = [...ofKind('Deployment'), ...ofKind('DaemonSet')] as unknown as Workload[];
    /** From whom each port of a program may be reached; undefined: from everywhere. */
    const sources = (program: string) =>
      policies
        .filter(({ metadata }) => metadata.name === program)
        .flatMap(({ spec }) => spec.ingress.flatMap(({ from, ports }) => ports.map(({ port }) => [port, from])));
    const METRICS = [{ namespaceSelector: { matchLabels: { 'kubevirt.io/metrics': 'true' } } }];

    it('to every program by its own policy only, to every port that it listens on', () => {
      assert.equal(workloads.length, 3);
      for (const { metadata, spec } of workloads) {
        const { template } = spec;
        // A policy does not reach a pod on its node's network.
        assert.notEqual(template.spec.hostNetwork, true);
        const own = policies.filter(({ spec: { podSelector } }) =>
          Object.entries(podSelector.matchLabels).every(([label, value]) => template.metadata.labels[label] === value),
        );
        assert.deepEqual(
          own.map(({ metadata: { name }, spec: { policyTypes } }) => [name, policyTypes]),
          [[metadata.name, ['Ingress']]],
        );
        const listened = template.spec.containers.flatMap(({ ports }) =>
          // Kubelet alone asks for liveness, and no policy holds it up.
          ports.filter(({ name }) => name !== 'liveness').map(({ containerPort }) => containerPort),
        );
        assert.deepEqual(
          sources(metadata.name)
            .map(([port]) => port)
            .toSorted(),
          listened.toSorted(),
        );
      }
    });

    it("the webhook alone to the agents' streams, monitoring to the metrics, everybody to the webhook", () => {
      const webhook = [{ podSelector: { matchLabels: { 'kubevirt.io': 'virt-webhook' } } }];
      assert.deepEqual(sources('virt-agent'), [
        [AGENT_PORT, webhook],
        [8080, METRICS],
      ]);
      assert.deepEqual(sources('virt-controller'), [[8080, METRICS]]);
      assert.deepEqual(sources('virt-webhook'), [[8443, undefined]]);
    });
  });

  it('use no field of a webhook that kubectl 1.20 would refuse', () => {
    const known = [
      'admissionReviewVersions',
      'clientConfig',
      'failurePolicy',
      'matchPolicy',
      'name',
      'namespaceSelector',
    ];
    known.push('objectSelector', 'reinvocationPolicy', 'rules', 'sideEffects', 'timeoutSeconds');
    for (const webhook of webhooks)
      assert.deepEqual(
        Object.keys(webhook).filter((key) => !known.includes(key)),
        [],
      );
  });
});
