import type { Interface, Network } from '../api/schema/networks.js';
import { instanceRule, type Finding, type InstanceSubject, type Rule } from './rule.js';

/** A rule on each network. */
export const networkRule = (
  id: string,
  field: string,
  summary: string,
  check: (network: Network, path: string, subject: InstanceSubject, index: number) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.networks[]${field}`, '§6.9', summary, (subject) =>
    (subject.spec.networks ?? []).flatMap((network, i) => check(network, `${subject.path}.networks[${i}]`, subject, i)),
  );

/** The network that an interface is connected to: the one of its name. */
export const networkOf = ({ spec }: InstanceSubject, { name }: Interface): Network | undefined =>
  spec.networks?.find((network) => network.name === name);

/** A rule on each interface, and its network. */
export const interfaceRule = (
  id: string,
  field: string,
  summary: string,
  check: (
    one: Interface,
    path: string,
    subject: InstanceSubject,
    network: Network | undefined,
    index: number,
  ) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.domain.devices.interfaces[]${field}`, '§6.9', summary, (subject) =>
    (subject.spec.domain.devices.interfaces ?? []).flatMap((one, i) =>
      check(one, `${subject.path}.domain.devices.interfaces[${i}]`, subject, networkOf(subject, one), i),
    ),
  );

/**
 * A rule on one field of the interfaces that have it; `below` goes on from the field's path. `path` is the field's own.
 * Interfaces without the field cost nothing.
 */
export const interfaceFieldRule = <K extends keyof Interface>(
  id: string,
  name: K,
  below: string,
  summary: string,
  check: (
    value: NonNullable<Interface[K]>,
    one: Interface,
    path: string,
    subject: InstanceSubject,
  ) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.domain.devices.interfaces[].${name}${below}`, '§6.9', summary, (subject) => {
    const { interfaces } = subject.spec.domain.devices;
    if (!interfaces?.some((one) => one[name] !== undefined)) return [];
    return interfaces.flatMap((one, i) => {
      const value = one[name];
      if (value === undefined) return [];
      return check(value, one, `${subject.path}.domain.devices.interfaces[${i}].${name}`, subject);
    });
  });
