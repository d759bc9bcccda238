import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { serverMinor } from '../../../src/kube/client/server-version.js';
import { publishRegistration } from '../../../src/webhook/admission/registration.js';
import { kubernetesBinary, startApiServer, type TestApiServer } from '../support/api-server.js';

const MANIFESTS = join(import.meta.dirname, '..', '..', '..', 'manifests');
const run = promisify(execFile);

interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
interface Stored extends Applied {
  readonly metadata: Applied['metadata'] & { readonly labels?: object; readonly resourceVersion: string };
}

const { resources } = parse(readFileSync(join(MANIFESTS, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
/** Kubernetes 1.20's aggregator panics on a server-side apply ("FieldManager must be installed to run apply"). */
const APPLIES_API_SERVICES = 22;
const ATTEMPTS = 3;

/** Everything that `kubectl apply -k` of the directory applies, as it is written there. */
const written: readonly Applied[] = resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')).map((document) => document.toJS() as Applied),
);
const nameOf = ({ kind, metadata }: Applied): string => `${kind}/${metadata.name}`;

/** What is given out to one object, or is another name of a field; no default that could be written. */
const GIVEN_OUT = [
  'metadata',
  'status',
  'spec.clusterIP',
  'spec.clusterIPs',
  'spec.ipFamilies',
  'spec.finalizers',
  'spec.template.metadata.creationTimestamp',
  'spec.template.spec.serviceAccount',
  // virt-webhook's.
  'spec.caBundle',
];
/** Defaults that older API servers, which the manifests are for too, do not know. None lies in a list. */
const NEWER = [
  'spec.ipFamilyPolicy',
  'spec.internalTrafficPolicy',
  'spec.updateStrategy.rollingUpdate.maxSurge',
  'spec.names.categories',
];
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths at which `stored` says what `file` does not, or something else. */
const differences = (file: unknown, stored: unknown, path = ''): string[] => {
  if (GIVEN_OUT.includes(path) || (file === undefined && NEWER.includes(path))) return [];
  if (Array.isArray(stored) && Array.isArray(file) && stored.length === file.length)
    return stored.flatMap((item, index) => differences(file[index], item, `${path}[${index}]`));
  if (isMap(stored) && (isMap(file) || path === 'spec'))
    return [...new Set([...Object.keys(file ?? {}), ...Object.keys(stored)])].flatMap((key) =>
      differences(isMap(file) ? file[key] : undefined, stored[key], path === '' ? key : `${path}.${key}`),
    );
  try {
    assert.deepEqual(stored, file);
    return [];
  } catch {
    return [`${path}: written ${JSON.stringify(file)}, stored ${JSON.stringify(stored)}`];
  }
};

/** The path of each object at the API server. */
const pathOf = ({ apiVersion, kind, metadata: { name, namespace } }: Applied): string => {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}${scope}/${plural}/${name}`;
};

describe('the manifests', function () {
  // A big definition takes an API server that shares two cores seconds.
  this.timeout(600_000);
  let server: TestApiServer;
  let client: KubeClient;
  let minor = 0;
  /**
   * Once more where the API server was too slow for kubectl: nothing that is asked for here is other the second time.
   */
  const kubectl = async (args: readonly string[], attempt = 1): Promise<void> => {
    const environment = { ...process.env, KUBECONFIG: server.kubeconfig, HOME: server.directory };
    try {
      await run(kubernetesBinary('kubectl'), args, { env: environment, maxBuffer: 1 << 26 });
    } catch (error) {
      if (attempt === ATTEMPTS || !/Timeout|timed out/.test(String(error))) throw error;
      await kubectl(args, attempt + 1);
    }
  };
  const named = (files: readonly string[]) => files.flatMap((file) => ['-f', join(MANIFESTS, file)]);
  const clientSide = () => kubectl(['apply', '-k', MANIFESTS]);
  const serverSide = () =>
    minor >= APPLIES_API_SERVICES
      ? kubectl(['apply', '--server-side', '-k', MANIFESTS])
      : kubectl(['apply', '--server-side', ...named(resources.filter((file) => file !== 'apiservices.yaml'))]);
  const stored = async (): Promise<Map<string, Stored>> => {
    const objects = new Map<string, Stored>();
    // One after the other: all at once are too many megabytes for a busy API server.
    for (const file of written) objects.set(nameOf(file), await client.get<Stored>(pathOf(file)));
    return objects;
  };
  const unwritten = async (): Promise<string> => {
    const now = await stored();
    return written
      .flatMap((file) => differences(file, now.get(nameOf(file))).map((difference) => `${nameOf(file)} ${difference}`))
      .join('\n');
  };
  /** @returns what is not the same; whose the fields are may be written down. */
  const changes = async (before: ReadonlyMap<string, Stored>, what: (object: Stored) => unknown): Promise<string[]> => {
    const now = await stored();
    return [...before].filter(([name, was]) => what(now.get(name) ?? was) !== what(was)).map(([name]) => name);
  };
  const revision = ({ metadata }: Stored) => metadata.resourceVersion;
  /** All but what says who applied it, and when. A Deployment counts that as a generation, and rolls nothing out. */
  const content = ({ metadata, ...rest }: Stored) => JSON.stringify([metadata.labels, { ...rest, status: {} }]);

  before(async () => {
    // Of its own: the definitions are among what is applied here for the first time.
    server = await startApiServer();
    client = await server.client();
    minor = await serverMinor(client);
    await clientSide();
  });
  after(async () => {
    client.close();
    await server.stop();
  });

  it('are stored as they are written: no default is left to the API server', async () => {
    assert.equal(await unwritten(), '');
  });

  it('change nothing when they are applied again, either way, and conflict with nobody', async () => {
    // What virt-webhook writes into its registrations stays, whoever applies.
    await publishRegistration(client, { bundle: 'CA\n', pathOf: (path) => `/${path}/secret`, minor });
    const first = await stored();
    await clientSide();
    assert.deepEqual(await changes(first, revision), []);
    // Of both ways the first writes down whose the fields are.
    await serverSide();
    assert.deepEqual(await changes(first, content), []);
    await clientSide();
    assert.deepEqual(await changes(first, content), []);
  });

  it('change nothing where they were applied server-side first', async () => {
    const files = [
      'admission.yaml',
      'virt-webhook.yaml',
      'virt-controller.yaml',
      'virt-agent.yaml',
      'rbac/virt-agent.yaml',
    ];
    await kubectl(['delete', '--wait=false', ...named(files)]);
    await serverSide();
    const first = await stored();
    assert.equal(await unwritten(), '');
    await clientSide();
    assert.deepEqual(await changes(first, content), []);
    await serverSide();
    assert.deepEqual(await changes(first, content), []);
  });
});
