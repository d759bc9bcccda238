import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from '../../api/names.js';
import { EXPAND_RESOURCE, SUBRESOURCES, type Subresource } from '../../agent-api/subresources.js';
import { readGuestPort, type GuestPort } from '../../agent-api/forward.js';
import { decodeSegment } from '../../kube/http-server/request-path.js';
import type { AgentForward } from '../../agent-api/vmi-subresources.js';
import { StatusError, type Resource } from '../../agent-api/status-error.js';

/**
 * What a path below /apis/subresources.kubevirt.io asks for, in the terms of Kubernetes RBAC (docs/reference/control.md
 * §2.7).
 */
export interface RequestTarget {
  readonly version: string;
  readonly namespace: string;
  readonly resource: Resource;
  readonly name: string;
  readonly subresource: string;
  /** The port of the guest, of a subresource that leads to one. */
  readonly port?: GuestPort;
}

const decode = (segment: string, path: string): string => {
  const decoded = decodeSegment(segment);
  if (decoded !== undefined) return decoded;
  throw new StatusError('BadRequest', `the path ${path} holds a malformed percent escape`);
};

/** Of RBAC only this word: port and protocol stand below it. */
const FORWARD = 'portforward' satisfies AgentForward;

/** Subresources of two words, as they stand in a path. */
const NESTED: readonly string[] = SUBRESOURCES.map(({ subresource }) => subresource).filter((name) =>
  name.includes('/'),
);

/** What stands between the slashes of a path; the name of a subresource is one. */
const segmentsOf = (path: string): string[] => {
  const all = path.split('/');
  const [before, two, after] = [all.slice(0, 8), all.slice(8, 10).join('/'), all.slice(10)];
  return NESTED.includes(two) ? [...before, two, ...after] : all;
};

/**
 * Splits a request's path.
 * @throws StatusError 400 for what is no port, 404 for anything that is not a subresource path of a served version
 */
export const parseRequestPath = (path: string): RequestTarget => {
  const [, apis, group, version, namespaces, namespace, resource, name, subresource, ...rest] = segmentsOf(path);
  const served = SUBRESOURCE_VERSIONS.find((candidate) => candidate === version);
  const known = resource === 'virtualmachines' || resource === 'virtualmachineinstances' ? resource : undefined;
  if (
    apis !== 'apis' ||
    group !== SUBRESOURCE_GROUP ||
    served === undefined ||
    namespaces !== 'namespaces' ||
    !namespace ||
    known === undefined ||
    !name ||
    !subresource ||
    (rest.length > 0 && subresource !== FORWARD)
  ) {
    throw new StatusError(
      'NotFound',
      `there is no endpoint ${path}: see /apis/${SUBRESOURCE_GROUP}/v1 for those there are`,
    );
  }
  return {
    version: served,
    namespace: decode(namespace, path),
    resource: known,
    name: decode(name, path),
    subresource: decode(subresource, path),
    ...(subresource === FORWARD ? { port: readGuestPort(rest) } : {}),
  };
};

/** What a path below a namespace asks for that names no object. */
export interface NamespaceTarget {
  readonly version: string;
  readonly namespace: string;
}

/** Undefined for every other path. @throws StatusError 400 for a malformed escape */
export const parseNamespacePath = (path: string): NamespaceTarget | undefined => {
  const [, apis, group, version, namespaces, namespace, resource, ...rest] = path.split('/');
  const served = SUBRESOURCE_VERSIONS.find((candidate) => candidate === version);
  const isThis = apis === 'apis' && group === SUBRESOURCE_GROUP && namespaces === 'namespaces' && rest.length === 0;
  if (!isThis || served === undefined || !namespace || resource !== EXPAND_RESOURCE) return undefined;
  return { version: served, namespace: decode(namespace, path) };
};

/** @throws StatusError 404 for a subresource that is not served, 405 for one served by another method */
export const findSubresource = (target: RequestTarget, method: string): Subresource => {
  const found = SUBRESOURCES.find(
    (entry) => entry.resource === target.resource && entry.subresource === target.subresource,
  );
  if (found === undefined) {
    const others = SUBRESOURCES.filter((entry) => entry.resource === target.resource).map((entry) => entry.subresource);
    throw new StatusError(
      'NotFound',
      `${target.resource} have no subresource "${target.subresource}"; they have ${others.join(', ')}`,
    );
  }
  if (found.method !== method) {
    throw new StatusError(
      'MethodNotAllowed',
      `${target.resource}/${found.subresource} takes ${found.method}, not ${method}`,
    );
  }
  return found;
};
