import { createHash } from 'node:crypto';

/*
 * What matters of a pod's spec to who asks "is this the pod that we asked for": which programs run with which rights
 * and see which files. Two specs are alike in it when they differ only in what the API server fills in by itself, in
 * where the pod may be placed and in how much it may use. A field that is not known here matters.
 */

/** A part of a pod's spec, as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Not looked at: where a pod is placed, who its waiting room is shared with and how much it gets decide nothing about
 * what it is, and admission plugins and the scheduler write there (DefaultTolerationSeconds, PodNodeSelector, Priority,
 * RuntimeClass, ServiceAccount's pull secrets, LimitRanger). `nodeSelector`, `priorityClassName` and `imagePullSecrets`
 * are compared apart.
 */
const NOT_LOOKED_AT = new Set([
  'nodeName',
  'nodeSelector',
  'tolerations',
  'priority',
  'priorityClassName',
  'preemptionPolicy',
  'imagePullSecrets',
  'overhead',
  // The old name of serviceAccountName: the API server keeps the two alike.
  'serviceAccount',
  'containers[].ports',
  'containers[].resources',
  'containers[].resizePolicy',
  'containers[].imagePullPolicy',
  'initContainers[].ports',
  'initContainers[].resources',
  'initContainers[].resizePolicy',
  'initContainers[].imagePullPolicy',
  'volumes[].emptyDir.sizeLimit',
]);

/**
 * What the API server writes where nothing is said. Source: Kubernetes' pkg/apis/core/v1/defaults.go, and the empty
 * values of fields that are pointers in one version and not in another.
 */
const DEFAULTS: Readonly<Record<string, Json>> = {
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  serviceAccountName: 'default',
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  hostUsers: true,
  shareProcessNamespace: false,
  setHostnameAsFQDN: false,
  enableServiceLinks: true,
  terminationGracePeriodSeconds: 30,
  'securityContext.supplementalGroupsPolicy': 'Merge',
  'securityContext.fsGroupChangePolicy': 'Always',
  'volumes[].configMap.defaultMode': 0o644,
  'volumes[].secret.defaultMode': 0o644,
  'volumes[].projected.defaultMode': 0o644,
  'volumes[].downwardAPI.defaultMode': 0o644,
  'volumes[].configMap.optional': false,
  'volumes[].secret.optional': false,
  'volumes[].hostPath.type': '',
  'volumes[].persistentVolumeClaim.readOnly': false,
  'volumes[].downwardAPI.items[].fieldRef.apiVersion': 'v1',
  'volumes[].projected.sources[].downwardAPI.items[].fieldRef.apiVersion': 'v1',
  'volumes[].projected.sources[].serviceAccountToken.expirationSeconds': 3600,
  ...Object.fromEntries(
    ['containers[]', 'initContainers[]'].flatMap((list): [string, Json][] => [
      [`${list}.terminationMessagePath`, '/dev/termination-log'],
      [`${list}.terminationMessagePolicy`, 'File'],
      [`${list}.stdin`, false],
      [`${list}.stdinOnce`, false],
      [`${list}.tty`, false],
      [`${list}.securityContext.procMount`, 'Default'],
      [`${list}.securityContext.privileged`, false],
      [`${list}.volumeMounts[].readOnly`, false],
      [`${list}.volumeMounts[].mountPropagation`, 'None'],
      [`${list}.volumeMounts[].recursiveReadOnly`, 'Disabled'],
      [`${list}.env[].value`, ''],
      [`${list}.env[].valueFrom.fieldRef.apiVersion`, 'v1'],
    ]),
  ),
};

/** Which of the kinds of volume there is is said by the key alone: `emptyDir: {}` is not nothing. */
const SAYS_SOMETHING_EMPTY = /^volumes\[\]\.[A-Za-z]+$/;

const isNothing = (value: Json | undefined, path: string): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0 && !SAYS_SOMETHING_EMPTY.test(path)) ||
  (typeof value !== 'object' && Object.hasOwn(DEFAULTS, path) && DEFAULTS[path] === value);

const reduced = (value: unknown, path: string): Json => {
  if (Array.isArray(value)) return value.map((entry) => reduced(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([key, child]): [string, Json][] => {
        const place = path === '' ? key : `${path}.${key}`;
        if (NOT_LOOKED_AT.has(place) || child === undefined) return [];
        const essence = reduced(child, place);
        return isNothing(essence, place) ? [] : [[key, essence]];
      }),
  );
};

/** The spec without what says nothing; keys in one order. Pure. */
export const podEssence = (spec: object | undefined): { readonly [key: string]: Json } =>
  reduced(spec ?? {}, '') as { readonly [key: string]: Json };

/**
 * 32 hexadecimal digits (128 bits: enough that nobody finds two specs with one) that differ when what matters differs.
 */
export const podDigest = (spec: object | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify(podEssence(spec)))
    .digest('hex')
    .slice(0, 32);
