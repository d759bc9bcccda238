import type { Probe } from '../../api/schema/virtualmachineinstance.js';
import { instanceRule, invalid, required, show, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

const SOURCE = '§6.11';
const OF_KUBERNETES = "none: Kubernetes' own rule for probes";
const PROBES = ['readinessProbe', 'livenessProbe'] as const;
const HANDLERS = ['httpGet', 'tcpSocket', 'exec', 'guestAgentPing'] as const;
/** What reaches the guest by its network. */
const NETWORK_HANDLERS = ['httpGet', 'tcpSocket'] as const;

const MAX_PORT = 65_535;
/** IANA's service names (spec/admission.md §3.4, "Port name"). */
const PORT_NAME = /^(?!-)(?!.*--)(?=.*[a-z])[-a-z0-9]{1,15}(?<!-)$/;

const isPort = (port: string | number): boolean =>
  typeof port === 'number' ? port >= 1 && port <= MAX_PORT : PORT_NAME.test(port);

const handlersOf = (probe: Probe) => HANDLERS.filter((handler) => probe[handler]);

const probeRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (probe: Probe, path: string, subject: InstanceSubject, name: (typeof PROBES)[number]) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.{readinessProbe,livenessProbe}${field}`, source, summary, (subject) => {
    const { readinessProbe, livenessProbe } = subject.spec;
    if (readinessProbe === undefined && livenessProbe === undefined) return [];
    return PROBES.flatMap((name) => {
      const probe = subject.spec[name];
      return probe === undefined ? [] : check(probe, `${subject.path}.${name}`, subject, name);
    });
  });

export const probeRules = [
  probeRule('probe.many', '', SOURCE, 'a probe that asks in several ways', (probe, path) => {
    const handlers = handlersOf(probe);
    return handlers.length <= 1
      ? []
      : [invalid(path, `asks by ${handlers.join(' and ')}: keep one of them, a probe asks in one way`)];
  }),
  probeRule('probe.none', '', SOURCE, 'a probe that asks nothing', (probe, path) =>
    handlersOf(probe).length > 0
      ? []
      : [required(path, `asks the guest nothing: add ${HANDLERS.join(', ')} (one of them), or remove the probe`)],
  ),
  probeRule(
    'probe.pod-network',
    '.{httpGet,tcpSocket}',
    SOURCE,
    'a probe through the network of a VM that is not on the pod network',
    (probe, path, { spec }) => {
      const handler = NETWORK_HANDLERS.find((name) => probe[name]);
      if (handler === undefined || spec.networks?.some(({ pod }) => pod)) return [];
      return [
        invalid(
          `${path}.${handler}`,
          `comes through the pod network, and the VM has none: add a network "pod: {}" with an interface, or ask by exec or guestAgentPing`,
        ),
      ];
    },
  ),
  probeRule('probe.port', '.{httpGet,tcpSocket}.port', OF_KUBERNETES, 'a port that does not exist', (probe, path) =>
    NETWORK_HANDLERS.flatMap((handler) => {
      const port = probe[handler]?.port;
      return port === undefined || isPort(port)
        ? []
        : [
            invalid(
              `${path}.${handler}.port`,
              `${show(port)} is no port: write 1 to ${MAX_PORT}, or the name of an interface's port such as "http"`,
            ),
          ];
    }),
  ),
  probeRule('probe.command', '.exec.command', OF_KUBERNETES, 'a probe by `exec` without a command', ({ exec }, path) =>
    exec === undefined || exec.command?.length
      ? []
      : [required(`${path}.exec.command`, 'is empty: write the program that the guest agent runs, and its arguments')],
  ),
  probeRule(
    'probe.delay',
    '.initialDelaySeconds',
    OF_KUBERNETES,
    'a negative initial delay',
    ({ initialDelaySeconds = 0 }, path) =>
      initialDelaySeconds >= 0
        ? []
        : [invalid(`${path}.initialDelaySeconds`, `${initialDelaySeconds} is negative: write 0 seconds or more`)],
  ),
  probeRule(
    'probe.liveness-success',
    '.successThreshold',
    OF_KUBERNETES,
    'a liveness probe that needs more than one success',
    ({ successThreshold = 1 }, path, _subject, name) =>
      name === 'readinessProbe' || successThreshold <= 1
        ? []
        : [
            invalid(
              `${path}.successThreshold`,
              `${successThreshold} is not possible: one success shows that the guest lives, write 1 or nothing`,
            ),
          ],
  ),
];
