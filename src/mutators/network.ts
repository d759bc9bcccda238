import type { Interface } from '../api/schema/networks.js';
import type { MutationContext, MutationStep } from './mutation.js';

const DEFAULT_NETWORK = 'default';
const SETTING = 'spec.configuration.network of the KubeVirt object';

/** The interface that a VM without any gets; undefined, with a cause, where the cluster's setting allows none. */
const defaultInterface = ({ config, refuse }: MutationContext): Interface | undefined => {
  const { defaultNetworkInterface: binding, permitBridge } = config.network;
  if (binding === 'masquerade') return { name: DEFAULT_NETWORK, masquerade: {} };
  if (binding === 'bridge' && permitBridge) return { name: DEFAULT_NETWORK, bridge: {} };
  refuse({
    type: 'FieldValueInvalid',
    field: 'spec.domain.devices.interfaces',
    message:
      binding === 'bridge'
        ? `this cluster does not permit its own default "bridge" on the pod network (${SETTING}): write an interface with masquerade: {}`
        : `this cluster's default interface "${binding}" does not exist (${SETTING}): write an interface with masquerade: {}`,
    rule: 'mut.default-network',
  });
  return undefined;
};

export const defaultNetwork: MutationStep = {
  id: 'mut.default-network',
  summary:
    'A VM with no interface and no network gets one of each, on the pod network, unless `autoattachPodInterface` is false.',
  apply: ({ spec }, context) => {
    const { devices } = spec.domain;
    if (devices.autoattachPodInterface === false) return;
    if ((devices.interfaces?.length ?? 0) > 0 || (spec.networks?.length ?? 0) > 0) return;
    const networkInterface = defaultInterface(context);
    if (networkInterface === undefined) return;
    devices.interfaces = [networkInterface];
    spec.networks = [{ name: DEFAULT_NETWORK, pod: {} }];
  },
};
