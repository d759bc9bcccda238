import { boundedText } from '../../api/visible-text.js';
import { tryQuantity } from '../../api/quantity.js';
import { referencesOf } from '../../api/vmi/volume-sources.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { ApiError } from '../../kube/client/api-error.js';
import { memoryAsked, podAsks, readableAmount, readableBytes } from './amounts.js';
import { inVolumeNames } from './volume-names.js';

/*
 * Why an API server refuses a launcher pod, in the words of the VM's author: which rule of his namespace, how much of
 * it, and what to do. The server says it in text only, the same from Kubernetes 1.20 to 1.36; what is not recognized is
 * told as it is.
 */

export interface Refusal {
  readonly reason:
    | 'QuotaExceeded'
    | 'LimitRangeExceeded'
    | 'PodSecurityViolation'
    | 'ServiceAccountNotFound'
    | 'PriorityClassNotFound'
    | 'RuntimeClassNotFound'
    | 'PodRefused';
  readonly message: string;
}

interface Question {
  readonly vmi: VirtualMachineInstance;
  /** The containers of the pod that was refused. */
  readonly containers: Parameters<typeof podAsks>[1];
}

/** As much as a user reads of a list that others wrote. */
const MAX_TEXT = 1500;

type Explain = (match: RegExpExecArray, question: Question) => Refusal;

const namespaceOf = ({ vmi }: Question): string => vmi.metadata?.namespace ?? '';

/** `requests.memory=773800512,pods=1` */
const amounts = (text: string): Map<string, string> =>
  new Map(
    text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.trim().split('=');
      return [name, value];
    }),
  );

const quota: Explain = ([, name = '', wanted = '', used = '', hard = ''], question) => {
  const [usedOf, hardOf] = [amounts(used), amounts(hard)];
  const exceeded = [...amounts(wanted)].map(([resource, value]) => {
    const [asks, uses, most] = [value, usedOf.get(resource), hardOf.get(resource)].map((text) => tryQuantity(text));
    if (asks === undefined || uses === undefined || most === undefined) return `${resource}=${value}`;
    const ofMemory = resource === 'memory' || resource === 'requests.memory';
    const asked = ofMemory
      ? memoryAsked(question.vmi, asks.value())
      : `${resource} ${readableAmount(resource, asks, 'up')}`;
    const left = readableAmount(resource, most.sub(uses), 'down');
    return `it asks for ${asked}, and of ${resource} ${readableAmount(resource, most, 'down')} there is ${left} left`;
  });
  const message = `ResourceQuota ${name} of namespace ${namespaceOf(question)} is exceeded: ${exceeded.join('; ')}`;
  const remedy = 'raise the quota, stop something, or ask for less; the VM starts as soon as there is room';
  return { reason: 'QuotaExceeded', message: `${message}: ${remedy}` };
};

const unspecified: Explain = ([, name = '', resources = ''], question) => ({
  reason: 'QuotaExceeded',
  message: `ResourceQuota ${name} of namespace ${namespaceOf(question)} wants every pod to say ${resources}: set it in domain.resources`,
});

/** Bytes among words, as people write them. */
const readableNumbers = (text: string): string =>
  text.replace(/\b\d{6,18}\b/g, (digits) => readableBytes(BigInt(digits), 'up'));

const limitRange: Explain = ([text], question) => {
  const rules = readableNumbers(text.replace(/^\[|\]$/g, ''));
  const asks = podAsks(question.vmi, question.containers);
  const remedy = 'change the LimitRange, or what the VM asks for';
  return {
    reason: 'LimitRangeExceeded',
    message: `a LimitRange of namespace ${namespaceOf(question)} refuses the VM's pod: ${rules}; the VM asks for ${asks}: ${remedy}`,
  };
};

/**
 * The pod that we make asks for no more than its limits, so the limit is one that a LimitRange gives to who has none.
 */
const defaultLimit: Explain = ([, , resource = ''], question) => {
  const asks = podAsks(question.vmi, question.containers);
  const namespace = namespaceOf(question);
  return {
    reason: 'LimitRangeExceeded',
    message: `a LimitRange of namespace ${namespace} gives a container without a limit of ${resource} one that is too small; the VM asks for ${asks}: change the LimitRange, or set domain.resources.limits.${resource}`,
  };
};

/** What even the level "baseline" forbids. */
const PRIVILEGED =
  /hostPath|host namespaces|hostPort|privileged|non-default capabilities|sysctl|procMount|seLinux|AppArmor/;

const podSecurity: Explain = ([, level = '', violations = ''], question) => {
  const what = inVolumeNames(question.vmi, violations);
  const enough = PRIVILEGED.test(violations.replace(/allowPrivilegeEscalation/g, '')) ? 'privileged' : 'baseline';
  const label = `kubectl label namespace ${namespaceOf(question)} pod-security.kubernetes.io/enforce=${enough} --overwrite`;
  return {
    reason: 'PodSecurityViolation',
    message: `Pod Security level ${level} of namespace ${namespaceOf(question)} refuses the VM's pod: ${what}: take what needs it from the VM, or let the administrator allow it: ${label}`,
  };
};

const serviceAccount: Explain = ([, name = ''], question) => {
  const volume = question.vmi.spec.volumes?.find((candidate) =>
    referencesOf(candidate).some((reference) => reference.kind === 'ServiceAccount' && reference.name === name),
  );
  const where = volume === undefined ? '' : `volume ${volume.name}: `;
  const message = `${where}ServiceAccount ${name} does not exist in namespace ${namespaceOf(question)}: create it, and the VM starts`;
  return { reason: 'ServiceAccountNotFound', message };
};

const clusterWide =
  (reason: 'PriorityClassNotFound' | 'RuntimeClassNotFound', kind: string): Explain =>
  ([, name = '']) => ({
    reason,
    message: `${kind} ${name} does not exist: name another one, or let the administrator create it`,
  });

const KNOWN: readonly (readonly [RegExp, Explain])[] = [
  [/exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)/, quota],
  [/failed quota: (\S+): must specify (.+)$/, unspecified],
  [/requests: Invalid value: "([^"]+)": must be less than or equal to (\S+) limit/, defaultLimit],
  [/violates PodSecurity "([^"]+)": (.+)$/s, podSecurity],
  [/service ?account "([^"]+)" not found/, serviceAccount],
  [/no PriorityClass with name (\S+) was found/, clusterWide('PriorityClassNotFound', 'PriorityClass')],
  [/RuntimeClass "([^"]+)" not found/, clusterWide('RuntimeClassNotFound', 'RuntimeClass')],
  [
    /\[?\S+ (?:max|min)imum \S+ usage per .+$|\[?(?:max|min)imum \S+ usage per .+$|\S+ max limit to request ratio per .+$/s,
    limitRange,
  ],
];

/**
 * The refusal in an error of the create call; undefined where the server did not refuse the pod but failed, or was not
 * reached: then it is tried again as anything is.
 */
export const refusalOf = (error: unknown, question: Question): Refusal | undefined => {
  if (!(error instanceof ApiError) || ![403, 422].includes(error.code)) return undefined;
  const text = boundedText(error.message, MAX_TEXT);
  for (const [pattern, explain] of KNOWN) {
    const match = pattern.exec(text);
    if (match !== null) return explain(match, question);
  }
  return { reason: 'PodRefused', message: `the API server refuses the VM's pod: ${text}` };
};

/** A refusal's end is no event of the VMI's: how long until it is tried again, by how long it has been so. */
const PATIENCE: readonly (readonly [number, number])[] = [
  [120_000, 3_000],
  [600_000, 10_000],
  [3_600_000, 30_000],
];
const MOST_MS = 60_000;

/** Milliseconds until the next attempt. A quota's change wakes its VMIs besides. */
export const tryAgainIn = (sinceMs: number): number => PATIENCE.find(([until]) => sinceMs < until)?.[1] ?? MOST_MS;
