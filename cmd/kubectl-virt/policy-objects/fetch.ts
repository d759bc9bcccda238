import { GROUP, POLICY_GROUP, POLICY_VERSION, STORED_VERSION } from '../../../src/api/names.js';
import {
  POLICY_RESOURCE_KINDS,
  POLICY_RESOURCES,
  type PolicyResourceKind,
} from '../../../src/api/policy/policy-kinds.js';
import type { ObjectMeta } from '../../../src/api/schema/meta.js';
import { settingsObject } from '../../../src/api/settings/settings-object.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { pausedUntil } from '../../../src/policies/pause.js';
import { ApiStatusError } from '../client/status.js';
import type { ApiClient } from '../client/client.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';

/*
 * Policies and exceptions of a cluster.
 */

export const policyPath = (kind: PolicyResourceKind, namespace: string | undefined, name?: string): string => {
  const { plural, isNamespaced } = POLICY_RESOURCES[kind];
  const inside = !isNamespaced || namespace === undefined ? '' : `/namespaces/${namespace}`;
  const all = `/apis/${POLICY_GROUP}/${POLICY_VERSION}${inside}/${plural}`;
  return name === undefined ? all : `${all}/${name}`;
};

const PAGE = 500;

interface Page {
  readonly items?: readonly Record<string, unknown>[];
  readonly metadata?: { readonly continue?: string };
}

const explained = (error: unknown): unknown => {
  if (!(error instanceof ApiStatusError) || error.code !== 404) return error;
  return new CliError('the cluster has no policies of this kind: its kubectl-virt is older', {
    remedy: 'Install this version: its manifests bring the definitions (kubectl apply -k manifests).',
    exitCode: ExitCode.usage,
    cause: error,
  });
};

/** All of a kind, page by page. Lists leave out what each item is. */
export const listPolicyObjects = async (
  client: ApiClient,
  kind: PolicyResourceKind,
  namespace: string | undefined,
): Promise<Record<string, unknown>[]> => {
  const found: Record<string, unknown>[] = [];
  let more = '';
  do {
    const path: string = `${policyPath(kind, namespace)}?limit=${PAGE}${more}`;
    try {
      const { items = [], metadata } = await client.get<Page>(path);
      found.push(...items.map((item) => ({ ...item, apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`, kind })));
      more = metadata?.continue ? `&continue=${encodeURIComponent(metadata.continue)}` : '';
    } catch (error) {
      throw explained(error);
    }
  } while (more !== '');
  return found;
};

const KUBEVIRTS = `/apis/${GROUP}/${STORED_VERSION}/kubevirts`;

/** The object of the settings, where a pause of all policies stands. */
export const fetchSettings = async (client: ApiClient): Promise<{ readonly metadata?: ObjectMeta } | undefined> =>
  settingsObject((await client.get<{ items?: { metadata?: ObjectMeta }[] }>(KUBEVIRTS)).items ?? []);

/** Until when all policies are paused; where that may not be read, why. */
const fetchPause = async (client: ApiClient): Promise<Pick<FetchedPolicies, 'pausedUntil' | 'notes'>> => {
  try {
    const { annotations = {} } = (await fetchSettings(client))?.metadata ?? {};
    return { pausedUntil: pausedUntil(annotations), notes: [] };
  } catch (error) {
    if (!(error instanceof ApiStatusError) || (error.code !== 403 && error.code !== 404)) throw error;
    const why = visibleLine(error.message);
    return { pausedUntil: undefined, notes: [`not checked: whether all policies are paused: ${why}`] };
  }
};

export interface FetchedPolicies {
  /** Of objects that name none. */
  readonly namespace: string;
  readonly objects: readonly Record<string, unknown>[];
  /** The annotation of a pause for all policies. */
  readonly pausedUntil: string | undefined;
  /** What could not be read, and why. */
  readonly notes: readonly string[];
}

/**
 * Policies of the cluster, policies and exceptions of some namespaces.
 * @param namespacesOf what they are, where objects that name none are in this one
 */
export const fetchPolicyObjects = async (
  io: Io,
  flags: GlobalFlags,
  namespacesOf: (otherwise: string) => Iterable<string>,
): Promise<FetchedPolicies> => {
  const client = await connectTo(io, flags);
  const { namespace } = client;
  const lists = [await listPolicyObjects(client, 'VirtualMachineClusterPolicy', undefined)];
  for (const each of new Set(namespacesOf(namespace)))
    for (const kind of POLICY_RESOURCE_KINDS)
      if (POLICY_RESOURCES[kind].isNamespaced) lists.push(await listPolicyObjects(client, kind, each));
  return { namespace, objects: lists.flat(), ...(await fetchPause(client)) };
};
