import type { Probe } from '../../api/schema/virtualmachineinstance.js';
import { invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const OF_KUBERNETES = "none: Kubernetes' own rule for probes";
const PROBES = ['readinessProbe', 'livenessProbe'] as const;
const HANDLERS = ['httpGet', 'tcpSocket', 'exec', 'guestAgentPing'] as const;
/** What reaches the guest by its network. */
const NETWORK_HANDLERS = ['httpGet', 'tcpSocket'] as const;

const MAX_PORT = 65_535;
/** IANA's service names (docs/reference/admission.md §3.4, "Port name"). */
const PORT_NAME = /^(?!-)(?!.*--)(?=.*[a-z])[-a-z0-9]{1,15}(?<!-)$/;

/** What the helper in the pod does not pass on (src/launcher/virt-probe.sh). */
const CONTROL = /\p{Cc}/u;

const isPort = (port: string | number): boolean =>
  typeof port === 'number' ? port >= 1 && port <= MAX_PORT : PORT_NAME.test(port);

const handlersOf = (probe: Probe) => HANDLERS.filter((handler) => probe[handler]);

const probeRule = instanceRules<
  (probe: Probe, path: string, subject: InstanceSubject, name: (typeof PROBES)[number]) => readonly Finding[]
>({
  field: '$.{readinessProbe,livenessProbe}',
  source: '§6.11',
  run: (subject, check) => {
    const { readinessProbe, livenessProbe } = subject.spec;
    if (readinessProbe === undefined && livenessProbe === undefined) return NOTHING;
    return PROBES.flatMap((name) => {
      const probe = subject.spec[name];
      return probe === undefined ? NOTHING : check(probe, `${subject.path}.${name}`, subject, name);
    });
  },
});

export const probeRules = [
  probeRule({
    id: 'probe.many',
    summary: 'a probe that asks in several ways',
    check: (probe, path) => {
      const handlers = handlersOf(probe);
      return handlers.length <= 1
        ? []
        : [invalid(path, `asks by ${handlers.join(' and ')}: keep one of them, a probe asks in one way`)];
    },
  }),
  probeRule({
    id: 'probe.none',
    summary: 'a probe that asks nothing',
    check: (probe, path) =>
      handlersOf(probe).length > 0
        ? []
        : [required(path, `asks the guest nothing: add ${HANDLERS.join(', ')} (one of them), or remove the probe`)],
  }),
  probeRule({
    id: 'probe.pod-network',
    field: '.{httpGet,tcpSocket}',
    summary: 'a probe through the network of a VM that is not on the pod network',
    check: (probe, path, { spec }) => {
      const handler = NETWORK_HANDLERS.find((name) => probe[name]);
      if (handler === undefined || spec.networks?.some(({ pod }) => pod)) return [];
      return [
        invalid(
          `${path}.${handler}`,
          `comes through the pod network, and the VM has none: add a network "pod: {}" with an interface, or ask by exec or guestAgentPing`,
        ),
      ];
    },
  }),
  probeRule({
    id: 'probe.port',
    field: '.{httpGet,tcpSocket}.port',
    source: OF_KUBERNETES,
    summary: 'a port that does not exist',
    check: (probe, path) =>
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
  }),
  probeRule({
    id: 'probe.command',
    field: '.exec.command',
    source: OF_KUBERNETES,
    summary: 'a probe by `exec` without a command',
    check: ({ exec }, path) =>
      exec === undefined || exec.command?.length
        ? []
        : [
            required(
              `${path}.exec.command`,
              'is empty: write the program that the guest agent runs, and its arguments',
            ),
          ],
  }),
  probeRule({
    id: 'probe.command-text',
    field: '.exec.command[]',
    source: 'none: what asks the agent of the guest could not pass it on',
    summary: 'a control character in the command of a probe',
    check: ({ exec }, path) =>
      (exec?.command ?? []).flatMap((word, index) =>
        !CONTROL.test(word)
          ? []
          : [
              invalid(
                `${path}.exec.command[${index}]`,
                `${show(word)} has a control character: put what has several lines into a file of the guest, and write its path`,
              ),
            ],
      ),
  }),
  probeRule({
    id: 'probe.delay',
    field: '.initialDelaySeconds',
    source: OF_KUBERNETES,
    summary: 'a negative initial delay',
    check: ({ initialDelaySeconds = 0 }, path) =>
      initialDelaySeconds >= 0
        ? []
        : [invalid(`${path}.initialDelaySeconds`, `${initialDelaySeconds} is negative: write 0 seconds or more`)],
  }),
  probeRule({
    id: 'probe.liveness-success',
    field: '.successThreshold',
    source: OF_KUBERNETES,
    summary: 'a liveness probe that needs more than one success',
    check: ({ successThreshold = 1 }, path, _subject, name) =>
      name === 'readinessProbe' || successThreshold <= 1
        ? []
        : [
            invalid(
              `${path}.successThreshold`,
              `${successThreshold} is not possible: one success shows that the guest lives, write 1 or nothing`,
            ),
          ],
  }),
];
