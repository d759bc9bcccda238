import type { Interface, Network } from '../../api/schema/networks.js';
import { findNamed } from '../rule/lookup.js';
import type { Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { INTERFACES, NETWORKS } from '../rule/lists.js';
import { instanceRules, rulesOn, rulesOnMember } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';

/** Rules on each network. */
export const networkRule = rulesOn({ ...NETWORKS, source: '§6.9' });

/** The network that an interface is connected to: the one of its name. */
export const networkOf = (subject: InstanceSubject, { name }: Interface): Network | undefined =>
  findNamed(subject, subject.spec.networks, name);

/** Rules on each interface, and its network. */
export const interfaceRule = instanceRules<
  (
    one: Interface,
    path: string,
    subject: InstanceSubject,
    network: Network | undefined,
    index: number,
  ) => readonly Finding[]
>({
  field: '$.domain.devices.interfaces[]',
  source: '§6.9',
  run: (subject, check) =>
    inEach(subject.spec.domain.devices.interfaces, `${subject.path}.domain.devices.interfaces`, (one, path, index) =>
      check(one, path, subject, networkOf(subject, one), index),
    ),
});

/** Rules on one member of the interfaces that have it. */
export const interfaceMember = <Name extends keyof Interface>(member: Name) =>
  rulesOnMember({ ...INTERFACES, member, source: '§6.9' });
