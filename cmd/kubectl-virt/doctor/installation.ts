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
import type { Reader } from './reader.js';

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
    checks.push(
      missing.length === 0
        ? ok('resources', `${groupVersion} is served, with all of its kinds`)
        : problem('resources', `${groupVersion} lacks ${missing.join(', ')}`, INSTALL),
    );
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
  if (available !== undefined && available.status !== 'True')
    return [
      problem(about, `the API server does not reach virt-webhook: ${available.message ?? 'no reason is given'}`, down),
    ];
  const discovery = await reader.get<Discovery>(`/apis/${SUBRESOURCE_GROUP}/v1`);
  if (discovery.is === 'failed' || discovery.is === 'missing')
    return [
      problem(about, discovery.is === 'failed' ? discovery.message : `${SUBRESOURCE_GROUP}/v1 is not served`, down),
    ];
  const resources = discovery.is === 'there' ? (discovery.content.resources ?? []) : [];
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
  if (read.is !== 'there') return problem(about, 'virt-webhook does not say its version', 'It may be down, see above.');
  const server = read.content.gitVersion ?? 'unknown';
  const { gitVersion: plugin } = clientVersion;
  return release(server) === release(plugin)
    ? ok(about, `plugin ${plugin}, virt-webhook ${server}`)
    : warning(about, `the plugin is ${plugin}, virt-webhook ${server}`, 'Install the plugin of the cluster’s version.');
};

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name?: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

/** A CA that ends sooner should have been renewed: it is when a fifth of its time is left. */
const SOON_DAYS = 7;
const DAY_MS = 86_400_000;

const certificatesIn = (bundle: string): X509Certificate[] => {
  const text = Buffer.from(bundle, 'base64').toString('latin1');
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new X509Certificate(each),
  );
};

/** When the last of the CAs of a bundle ends. Undefined: there is none in it. */
const lastEnd = (bundle: string): number | undefined => {
  try {
    const ends = certificatesIn(bundle).map(({ validTo }) => Date.parse(validTo));
    return ends.length === 0 ? undefined : Math.max(...ends);
  } catch {
    return undefined;
  }
};

const bundleCheck = (about: string, kind: string, bundles: readonly string[], now: number): Check => {
  const remedy = 'virt-webhook writes and renews it: see its log, kubectl logs -n kubevirt deployment/virt-webhook';
  const ends = bundles.map(lastEnd);
  const known = ends.filter((end) => end !== undefined);
  if (known.length === 0 || known.length < ends.length)
    return problem(about, `${kind} has no CA by which the API server could know virt-webhook`, remedy);
  const left = Math.floor((Math.min(...known) - now) / DAY_MS);
  if (left < 0) return problem(about, `the CA in ${kind} ended ${-left} days ago`, remedy);
  if (left < SOON_DAYS) return warning(about, `the CA in ${kind} ends in ${left} days and was not renewed`, remedy);
  return ok(about, `the CA in ${kind} holds for ${left} more days`);
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
