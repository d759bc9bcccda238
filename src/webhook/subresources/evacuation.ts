import { EVACUATION_SUBRESOURCES } from '../../agent-api/subresources.js';
import { conflict, notFound } from '../../agent-api/status-error.js';
import { parseOptions } from './options.js';
import type { RequestTarget } from './request-path.js';
import type { ClusterStore } from './store.js';

/*
 * `evacuate/cancel`: an eviction that was refused has marked the VMI for whoever moves it (docs/eviction.md); the mark
 * is taken back. The VM stays where it is, and the next eviction marks it again.
 */

const MARK = '/status/evacuationNodeName';

/** @throws StatusError 400 for the body, 404, 409 where the mark is of another node than the one that is named */
export const cancelEvacuation = async (store: ClusterStore, target: RequestTarget, body: string): Promise<void> => {
  const options = parseOptions(body, EVACUATION_SUBRESOURCES['evacuate/cancel'].options);
  const { namespace, name, resource } = target;
  if (resource === 'virtualmachines' && (await store.virtualMachine(namespace, name)) === undefined)
    throw notFound(resource, name);
  const vmi = await store.virtualMachineInstance(namespace, name);
  if (vmi === undefined) throw notFound('virtualmachineinstances', name);
  const marked = vmi.status?.evacuationNodeName;
  if (!marked) return;
  const { evacuationNodeName: named, dryRun = [] } = options;
  if (named !== undefined && named !== '' && named !== marked)
    throw conflict('virtualmachineinstances', name, `it is asked to leave node ${marked}, not ${named}`);
  const operations = [
    { op: 'test', path: MARK, value: marked },
    { op: 'remove', path: MARK },
  ] as const;
  await store.patch('vmi', namespace, name, operations, dryRun.length > 0);
};
