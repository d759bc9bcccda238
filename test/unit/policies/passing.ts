import { VM } from './cel/objects.js';

const { spec } = VM;
const { domain, ...instance } = spec.template.spec;

/** A VM that keeps all of `RULES`. */
export const PASSING = {
  ...VM,
  spec: {
    ...spec,
    template: {
      ...spec.template,
      spec: {
        ...instance,
        domain: {
          ...domain,
          devices: {
            ...domain.devices,
            tpm: {},
            autoattachGraphicsDevice: false,
            interfaces: [{ name: 'default', masquerade: {} }],
          },
        },
        readinessProbe: { tcpSocket: { port: 22 } },
        livenessProbe: { tcpSocket: { port: 22 } },
        volumes: [
          { name: 'root', dataVolume: { name: 'root' } },
          { name: 'seed', cloudInitNoCloud: { secretRef: { name: 'seed' } } },
        ],
      },
    },
  },
};
