import { DEV, type Change } from '../../validators/rule/examples.js';
import { MULTUS } from '../../api/multus.js';
import type { WarningExample } from './warning-example.js';

const onPodNetwork = (card: object, more: Change = {}): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'default', ...card }],
  'spec.networks': [{ name: 'default', pod: {} }],
  ...more,
});
const onMultus: Change = {
  [`${DEV}.interfaces`]: [{ name: 'lan', bridge: {} }],
  'spec.networks': [{ name: 'lan', multus: { networkName: 'vlan10' } }],
};
const WEB = { ports: [{ name: 'web', port: 80 }] };

/** Of warnings about ports. */
export const networkWarningExamples: Readonly<Record<string, WarningExample>> = {
  'W-NET-2': {
    warns: [onPodNetwork({ bridge: {}, ...WEB }), `${DEV}.interfaces[0].ports`],
    silent: [onPodNetwork({ masquerade: {}, ...WEB }), onPodNetwork({ bridge: {} })],
  },
  'W-NET-3': {
    warns: [
      { ...onMultus, 'metadata.annotations': { [MULTUS.networks]: 'vlan99' } },
      `metadata.annotations[${MULTUS.networks}]`,
    ],
    silent: [onMultus, onPodNetwork({ masquerade: {} }, { 'metadata.annotations': { [MULTUS.networks]: 'vlan99' } })],
  },
  'W-PRB-1': {
    warns: [
      onPodNetwork({ masquerade: {}, ...WEB }, { 'spec.livenessProbe': { httpGet: { port: 8080 } } }),
      'spec.livenessProbe.httpGet.port',
    ],
    silent: [
      onPodNetwork(
        { masquerade: {}, ...WEB },
        { 'spec.livenessProbe': { httpGet: { port: 'web' } }, 'spec.readinessProbe': { tcpSocket: { port: 80 } } },
      ),
      onPodNetwork({ masquerade: {} }, { 'spec.readinessProbe': { tcpSocket: { port: 8080 } } }),
    ],
  },
};
