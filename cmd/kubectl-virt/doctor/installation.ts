import { X509Certificate } from 'node:crypto';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_RESOURCES,
  INSTANCETYPE_VERSION,
} from '../../../src/api/instancetype/instancetype-kinds.js';
import { GROUP, POLICY_GROUP, POLICY_VERSION, STORED_VERSION, SUBRESOURCE_GROUP } from '../../../src/api/names.js';
import { POLICY_RESOURCES } from '../../../src/api/policy/policy-kinds.js';
import { VIRT_NODES } from '../../../src/api/virt-node/virt-node-names.js';
import { lookAt } from '../preflight/found.js';
import { directoryFor, OLDEST_MINOR } from '../preflight/preflight.js';
import { ApiStatusError } from '../client/status.js';
import { versionPath } from '../paths.js';
import { clientVersion } from '../version-info.js';
import { hidden, ok, problem, warning, type Check } from './check.js';
import { becauseOf, type Reader } from './reader.js';

const plurals = (resources: Readonly<Record<string, { readonly plural: string }>>): string[] =>
  Object.values(resources).map(({ plural }) => plural);

/** What the API server has to serve, by group and version. */
const SERVED: readonly (readonly [groupVersion: string, resources: readonly string[]])[] = [
  [
    `${GROUP}/${STORED_VERSION}`,
    ['virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancereplicasets', 'kubevirts', VIRT_NODES],
  ],
  [`${INSTANCETYPE_GROUP}/${INSTANCETYPE_VERSION}`, plurals(INSTANCETYPE_RESOURCES)],
  [`${POLICY_GROUP}/${POLICY_VERSION}`, plurals(POLICY_RESOURCES)],
];

const INSTALL = 'See what to apply: kubectl virt preflight';

/** What `preflight` looks at. */
export const checkCluster = async ({ client }: Reader): Promise<Check> => {
  const about = 'cluster';
  try {
    const { minor, kubevirt, ours } = await lookAt(client);
    if (!ours && kubevirt.length > 0)
      return problem(about, `KubeVirt is in this cluster: ${kubevirt.join('; ')}`, 'See: kubectl virt preflight');
    if (!ours) return problem(about, 'kubectl-virt is not installed', `kubectl apply -k ${directoryFor(minor)}`);
    if (minor < OLDEST_MINOR)
      return problem(about, `Kubernetes 1.${minor} is too old`, `It has to be 1.${OLDEST_MINOR} or newer.`);
    return kubevirt.length > 0
      ? warning(about, `parts of KubeVirt are left: ${kubevirt.join('; ')}`, 'docs/moving-from-kubevirt.md')
      : ok(about, `Kubernetes 1.${minor}, with kubectl-virt and without KubeVirt`);
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 403) throw error;
    return hidden(about, 'get customresourcedefinitions and apiservices, and list deployments');
  }
};

interface Discovery {
  readonly resources?: readonly {
    readonly name?: string;
    readonly kind?: string;
    readonly verbs?: readonly string[];
  }[];
}

/** CRDs that are established are what discovery has. */
export const checkResources = async (reader: Reader): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const [groupVersion, wanted] of SERVED) {
    const read = await reader.get<Discovery>(`/apis/${groupVersion}`);
    const names = read.is === 'there' ? (read.content.resources ?? []).map(({ name }) => name) : [];
    const missing = wanted.filter((name) => !names.includes(name));
    if (read.is === 'hidden') checks.push(hidden('resources', `get /apis/${groupVersion}`));
    else if (read.is === 'failed')
      checks.push(problem('resources', `what ${groupVersion} has cannot be read${becauseOf(read)}`));
    else if (missing.length > 0)
      checks.push(problem('resources', `${groupVersion} lacks ${missing.join(', ')}`, INSTALL));
    else checks.push(ok('resources', `${groupVersion} is served, with all of its kinds`));
  }
  return checks;
};

interface ApiService {
  readonly status?: { readonly conditions?: readonly { type: string; status: string; message?: string }[] };
}

/** The webhook as users reach it: through the API server, for what `start` and `console` ask. */
export const checkSubresources = async (reader: Reader): Promise<Check[]> => {
  const about = 'subresources';
  const name = `v1.${SUBRESOURCE_GROUP}`;
  const down = 'See its pods: kubectl get pods -n kubevirt -l kubevirt.io=virt-webhook';
  const service = await reader.get<ApiService>(`/apis/apiregistration.k8s.io/v1/apiservices/${name}`);
  const available =
    service.is === 'there' ? service.content.status?.conditions?.find(({ type }) => type === 'Available') : undefined;
  if (service.is === 'missing') return [problem(about, `there is no APIService ${name}`, INSTALL)];
  if (service.is === 'failed') return [problem(about, `APIService ${name} cannot be read${becauseOf(service)}`)];
  if (available !== undefined && available.status !== 'True')
    return [
      problem(about, `the API server does not reach virt-webhook: ${available.message ?? 'no reason is given'}`, down),
    ];
  const discovery = await reader.get<Discovery>(`/apis/${SUBRESOURCE_GROUP}/v1`);
  if (discovery.is === 'hidden') return [hidden(about, `get /apis/${SUBRESOURCE_GROUP}/v1`)];
  if (discovery.is === 'failed' || discovery.is === 'missing')
    return [
      problem(about, discovery.is === 'failed' ? discovery.message : `${SUBRESOURCE_GROUP}/v1 is not served`, down),
    ];
  const { resources = [] } = discovery.content;
  const incomplete = resources.filter(({ kind, verbs }) => !kind || (verbs ?? []).length === 0);
  return [
    resources.some((each) => each.name === 'virtualmachines/start') && incomplete.length === 0
      ? ok(about, `${SUBRESOURCE_GROUP} is served by virt-webhook`)
      : problem(about, `${SUBRESOURCE_GROUP} is served incompletely: something else answers for it`, INSTALL),
  ];
};

/** `v1.2.3` of `v1.2.3-4-gabcdef`: what must fit. */
const release = (version: string): string => version.replace(/^v/, '').replace(/^(\d+\.\d+).*$/, '$1');

/** Of the plugin, the webhook, and what virt-controller says of all that it rolled out. */
export const checkVersions = async (reader: Reader): Promise<Check> => {
  const about = 'versions';
  const read = await reader.get<{ gitVersion?: string }>(versionPath);
  if (read.is === 'hidden') return hidden(about, `get /version of ${SUBRESOURCE_GROUP}`);
  if (read.is !== 'there')
    return problem(about, `virt-webhook does not say its version${becauseOf(read)}`, 'It may be down, see above.');
  const server = read.content.gitVersion ?? 'unknown';
  const { gitVersion: plugin } = clientVersion;
  return release(server) === release(plugin)
    ? ok(about, `plugin ${plugin}, virt-webhook ${server}`)
    : warning(about, `the plugin is ${plugin}, virt-webhook ${server}`, 'Install the plugin of the cluster’s version.');
};

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name?: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

/** Of a CA's time: virt-webhook renews it when a fifth is left, so what has less was forgotten. */
const FORGOTTEN = 0.1;
const HOUR_MS = 3_600_000;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** From when to when the last of the CAs of a bundle holds. Undefined: there is none in it. */
const lastSpan = (bundle: string): Span | undefined => {
  const text = Buffer.from(bundle, 'base64').toString('latin1');
  try {
    const spans = (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((each): Span => {
      const { validFrom, validTo } = new X509Certificate(each);
      return { start: Date.parse(validFrom), end: Date.parse(validTo) };
    });
    return spans.toSorted((a, b) => a.end - b.end).at(-1);
  } catch {
    return undefined;
  }
};

const hours = (milliseconds: number): string => {
  const whole = Math.floor(milliseconds / HOUR_MS);
  return whole >= 48 ? `${Math.floor(whole / 24)} days` : `${whole} hours`;
};

const bundleCheck = (about: string, kind: string, bundles: readonly string[], now: number): Check => {
  const remedy = 'virt-webhook writes and renews it: see its log, kubectl logs -n kubevirt deployment/virt-webhook';
  const spans = bundles.map(lastSpan);
  const [first] = spans.filter((span) => span !== undefined).toSorted((a, b) => a.end - b.end);
  if (first === undefined || spans.includes(undefined))
    return problem(about, `${kind} has no CA by which the API server could know virt-webhook`, remedy);
  const left = first.end - now;
  if (left < 0) return problem(about, `the CA in ${kind} ended ${hours(-left)} ago`, remedy);
  return left < (first.end - first.start) * FORGOTTEN
    ? warning(about, `the CA in ${kind} ends in ${hours(left)} and was not renewed`, remedy)
    : ok(about, `the CA in ${kind} holds for ${hours(left)}, and is renewed before`);
};

/** Without them nothing is admitted, or everything is. */
export const checkAdmission = async (reader: Reader, now: number): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']) {
    const about = 'admission';
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s/virt-webhook`;
    const read = await reader.get<WebhookConfiguration>(path);
    if (read.is === 'hidden') checks.push(hidden(about, `get ${kind.toLowerCase()}s`));
    else if (read.is === 'missing') checks.push(problem(about, `there is no ${kind} virt-webhook`, INSTALL));
    else if (read.is === 'failed') checks.push(problem(about, read.message));
    else {
      const bundles = (read.content.webhooks ?? []).map(({ clientConfig }) => clientConfig?.caBundle ?? '');
      checks.push(bundleCheck(about, kind, bundles, now));
    }
  }
  return checks;
};
