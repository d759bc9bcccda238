import { DEV, type Change } from '../../validators/rule/examples.js';
import type { WarningExample } from './warning-example.js';

const onPodNetwork = (card: object, more: Change = {}): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'default', ...card }],
  'spec.networks': [{ name: 'default', pod: {} }],
  ...more,
});
const WEB = { ports: [{ name: 'web', port: 80 }] };

/** Of warnings about ports. */
export const networkWarningExamples: Readonly<Record<string, WarningExample>> = {
  'W-NET-2': {
    warns: [onPodNetwork({ bridge: {}, ...WEB }), `${DEV}.interfaces[0].ports`],
    silent: [onPodNetwork({ masquerade: {}, ...WEB }), onPodNetwork({ bridge: {} })],
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
