import type { Interface, Network } from '../../api/schema/networks.js';
import { findNamed } from '../rule/lookup.js';
import { inEach, instanceRule, NOTHING, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

/** A rule on each network. */
export const networkRule = (
  id: string,
  field: string,
  summary: string,
  check: (network: Network, path: string, subject: InstanceSubject, index: number) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.networks[]${field}`, '§6.9', summary, (subject) =>
    inEach(subject.spec.networks, `${subject.path}.networks`, (network, path, index) =>
      check(network, path, subject, index),
    ),
  );

/** The network that an interface is connected to: the one of its name. */
export const networkOf = (subject: InstanceSubject, { name }: Interface): Network | undefined =>
  findNamed(subject, subject.spec.networks, name);

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
    inEach(subject.spec.domain.devices.interfaces, `${subject.path}.domain.devices.interfaces`, (one, path, index) =>
      check(one, path, subject, networkOf(subject, one), index),
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
    if (!interfaces?.some((one) => one[name] !== undefined)) return NOTHING;
    return inEach(interfaces, `${subject.path}.domain.devices.interfaces`, (one, path) => {
      const value = one[name];
      return value === undefined ? NOTHING : check(value, one, `${path}.${name}`, subject);
    });
  });
