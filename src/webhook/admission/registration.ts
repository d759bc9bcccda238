import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from '../../api/names.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { SINCE } from '../../kube/client/server-version.js';
import { apiServicePath, mutatingWebhookPath, validatingWebhookPath } from '../../kube/client/resources.js';
import type { JsonPatch } from '../../kube/client/patch.js';
import { HOTPLUG_PREFIX, LAUNCHER } from '../eviction/decision.js';
import type { CalledPath } from './api-server-callers.js';

type Client = Pick<KubeClient, 'get' | 'patch'>;

interface WebhookConfiguration {
  webhooks?: {
    name: string;
    clientConfig?: { caBundle?: string; service?: { path?: string } };
    matchConditions?: readonly object[];
  }[];
}
interface ApiService {
  spec?: { caBundle?: string };
}

const CONFIGURATION_NAME = 'virt-webhook';
const CONFIGURATIONS = ['mutating', 'validating'] as const;
type Configuration = (typeof CONFIGURATIONS)[number];
const CONFIGURATION_PATHS: Readonly<Record<Configuration, string>> = {
  mutating: mutatingWebhookPath(CONFIGURATION_NAME),
  validating: validatingWebhookPath(CONFIGURATION_NAME),
};
const EVICTIONS = 'virt-launcher-eviction-interceptor.kubevirt.io';
/** The entries of policies, exceptions and pauses: their names end so. */
const OF_POLICIES = '.policies.kubectl-virt.io';
/** The entries of the validating webhooks that do not ask /validate (manifests/admission.yaml). */
const OTHER_PATHS: ReadonlyMap<string, CalledPath> = new Map([
  [EVICTIONS, 'evict'],
  ['virtnode-validator.kubevirt.io', 'virt-nodes'],
  ['validator.instancetype.kubevirt.io', 'validate-instancetypes'],
]);

/**
 * Evictions of others' pods need not ask us. The name proves nothing of a pod, and does not have to: a pod of another
 * name is no VM's, since the API server lets nobody rename one.
 */
const EVICTIONS_OF_VMS = [
  {
    name: 'pods-of-vms',
    expression: [LAUNCHER, HOTPLUG_PREFIX].map((prefix) => `request.name.startsWith('${prefix}-')`).join(' || '),
  },
];

/** What is registered about us at the API server. */
export interface Registration {
  /** PEM texts of the CAs to trust. */
  readonly bundle: string;
  /** Where it asks; undefined: what is registered stays. */
  readonly pathOf: (path: CalledPath) => string | undefined;
  /** The API server's minor version. */
  readonly minor: number;
}

const calledBy = (resource: Configuration, webhook: string): CalledPath => {
  if (webhook.endsWith(OF_POLICIES)) return resource === 'mutating' ? 'mutate-policies' : 'validate-policies';
  if (resource === 'mutating') return 'mutate';
  return OTHER_PATHS.get(webhook) ?? 'validate';
};

/** Conditions of an administrator stay. The manifest has none: kubectl before 1.28 refuses the field. */
const takesConditions = (name: string, found: readonly object[], minor: number): boolean =>
  name === EVICTIONS && found.length === 0 && minor >= SINCE.matchConditions;

const publishToConfiguration = async (
  client: Client,
  resource: Configuration,
  caBundle: string,
  { pathOf, minor }: Registration,
): Promise<void> => {
  const where = CONFIGURATION_PATHS[resource];
  const webhooks = (await ifFound(client.get<WebhookConfiguration>(where)))?.webhooks ?? [];
  const patch: JsonPatch = webhooks.flatMap(({ name, clientConfig = {}, matchConditions = [] }, i) => {
    const { service } = clientConfig;
    // A registration by URL is an administrator's own way to reach us, with a path of their own.
    const path = service && pathOf(calledBy(resource, name));
    const changes = [
      { wanted: caBundle, found: clientConfig.caBundle, at: 'clientConfig/caBundle' },
      { wanted: path, found: service?.path, at: 'clientConfig/service/path' },
      ...(takesConditions(name, matchConditions, minor)
        ? [{ wanted: EVICTIONS_OF_VMS, found: undefined, at: 'matchConditions' }]
        : []),
    ].filter(({ wanted, found }) => wanted !== undefined && wanted !== found);
    if (changes.length === 0) return [];
    return [
      // Another program may have reordered them since the read.
      { op: 'test' as const, path: `/webhooks/${i}/name`, value: name },
      ...changes.map(({ wanted, at }) => ({
        op: 'add' as const,
        path: `/webhooks/${i}/${at}`,
        value: wanted,
      })),
    ];
  });
  if (patch.length > 0) await client.patch(where, patch, 'json');
};

const publishToApiService = async (client: Client, version: string, caBundle: string): Promise<void> => {
  const path = apiServicePath(`${version}.${SUBRESOURCE_GROUP}`);
  // What is not installed (a cluster without the aggregated API, say) needs no bundle.
  const service = await ifFound(client.get<ApiService>(path));
  if (service === undefined || service.spec?.caBundle === caBundle) return;
  await client.patch(path, { spec: { caBundle } }, 'merge');
};

/**
 * Writes to both webhook configurations and both API services which CAs the API server has to trust, which paths to
 * call and, where it knows how, which evictions are none of our business. Writes only changes.
 */
export const publishRegistration = async (client: Client, registration: Registration): Promise<void> => {
  const caBundle = Buffer.from(registration.bundle).toString('base64');
  for (const resource of CONFIGURATIONS) await publishToConfiguration(client, resource, caBundle, registration);
  for (const version of SUBRESOURCE_VERSIONS) await publishToApiService(client, version, caBundle);
};
