import type { Interface, PortRange } from '../../api/schema/networks.js';
import { duplicate, invalid, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import type { RuleEntry } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';
import { interfaceMember, networkOf } from './network-rules.js';
import { BINDINGS } from './interfaces.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';

const PROTOCOLS = ['TCP', 'UDP'];
const MAX_PORT = 65_535;
/** More would make too many rules in the pod's network (docs/reference/admission.md §6.9, if.pr-max). */
const MAX_RANGES = 10;
const MAX_PORT_NAME = 15;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;
const PORT_NAME_REMEDY = `write at most ${MAX_PORT_NAME} lower-case letters, digits and single "-" between them, with one letter at least`;

const isPort = (port: number): boolean => port >= 1 && port <= MAX_PORT;
const isPortName = (name: string): boolean => name.length <= MAX_PORT_NAME && PORT_NAME.test(name);
const protocolProblem = (protocol: string) => `${show(protocol)} is not a protocol of ports: write TCP or UDP`;

/** One cause for a number: none at all is a forgotten field. */
const portNumberFindings = (field: string, port: number): Finding[] => {
  if (isPort(port)) return [];
  return port === 0
    ? [required(field, `0 is not a port: write 1 to ${MAX_PORT}`)]
    : [invalid(field, `${port} is not a port: write 1 to ${MAX_PORT}`)];
};

const portFindings = (ports: NonNullable<Interface['ports']>, path: string): readonly Finding[] => {
  const twins = earlierTwins(ports, ({ name }) => name || undefined);
  return inEach(ports, path, ({ name, port, protocol }, at, i) => {
    const findings: Finding[] = [];
    if (twins[i] !== undefined) {
      findings.push(
        duplicate(`${at}.name`, `${show(name)} is also the name of ports[${twins[i]}]: give each port its own`),
      );
    } else if (name && !isPortName(name)) {
      findings.push(invalid(`${at}.name`, `${show(name)} cannot be the name of a port: ${PORT_NAME_REMEDY}`));
    }
    findings.push(...portNumberFindings(`${at}.port`, port));
    if (protocol && !PROTOCOLS.includes(protocol)) findings.push(invalid(`${at}.protocol`, protocolProblem(protocol)));
    return findings;
  });
};

/** The first thing wrong with a range by itself. */
const rangeFinding = ({ start, end, protocol }: PortRange, path: string): Finding | undefined => {
  if (!PROTOCOLS.includes(protocol)) return invalid(`${path}.protocol`, protocolProblem(protocol));
  if (!isPort(start)) return invalid(`${path}.start`, `${start} is not a port: write 1 to ${MAX_PORT}`);
  if (!isPort(end)) return invalid(`${path}.end`, `${end} is not a port: write ${start} to ${MAX_PORT}`);
  if (start > end) return invalid(`${path}.start`, `${start} is above the end ${end}: write ${end} or less`);
  return undefined;
};

/**
 * Ranges of one protocol that have a port in common; each is reported beside the one before it that reaches furthest.
 */
const overlapFindings = (ranges: readonly PortRange[], path: string): Finding[] =>
  PROTOCOLS.flatMap((protocol) => {
    const sorted = ranges
      .map((range, index) => ({ range, index }))
      .filter(({ range, index }) => range.protocol === protocol && !rangeFinding(range, `${path}[${index}]`))
      .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
    let [furthest] = sorted;
    return sorted.slice(1).flatMap((one) => {
      const before = furthest;
      if (before === undefined || one.range.start > before.range.end) {
        furthest = one;
        return [];
      }
      if (one.range.end > before.range.end) furthest = one;
      const { start, end } = one.range;
      return [
        invalid(
          `${path}[${one.index}]`,
          `the ${protocol} ports ${start}-${end} overlap with those of portRanges[${before.index}], ${before.range.start}-${before.range.end}: write each port once`,
        ),
      ];
    });
  });

type RangesCheck = (
  ranges: readonly PortRange[],
  path: string,
  subject: InstanceSubject,
  one: Interface,
) => readonly Finding[];

/** Rules on port ranges where they are allowed at all. */
const rangesRule = ({ check, ...rule }: RuleEntry<RangesCheck>) =>
  interfaceMember('portRanges')({
    ...rule,
    check: (ranges, path, subject, one) =>
      ranges.length > 0 && subject.config.hasFeatureGate('PortRangesSpec') ? check(ranges, path, subject, one) : [],
  });

/** A rule on each range; too many of them are reported as such only. */
const eachRangeRule = ({ check, ...rule }: RuleEntry<RangesCheck>) =>
  rangesRule({
    ...rule,
    check: (ranges, ...where) => (ranges.length > MAX_RANGES ? [] : check(ranges, ...where)),
  });

const portRangeRules = [
  interfaceMember('portRanges')({
    id: 'if.pr-gate',
    summary: 'port ranges while their feature gate is off',
    check: (ranges, path, subject) =>
      ranges.length === 0 || subject.config.hasFeatureGate('PortRangesSpec')
        ? []
        : [invalid(path, gateIsOff('PortRangesSpec', 'write ports instead'))],
  }),
  rangesRule({
    id: 'if.pr-excl',
    summary: 'ports and port ranges in one interface',
    check: (_ranges, path, subject, one) =>
      one.ports?.length && networkOf(subject, one)?.pod
        ? [invalid(path, 'the interface has ports too: write all of them in portRanges, or all in ports')]
        : [],
  }),
  rangesRule({
    id: 'if.pr-masq',
    summary: 'port ranges without `masquerade`',
    check: (_ranges, path, subject, one) => {
      // An interface without any binding is reported by if.one-binding.
      const binding = one.masquerade ? undefined : BINDINGS.find((name) => one[name]);
      return binding !== undefined && networkOf(subject, one)?.pod
        ? [
            invalid(
              path,
              `works with masquerade only: write "masquerade: {}" instead of ${binding}, or remove portRanges`,
            ),
          ]
        : [];
    },
  }),
  rangesRule({
    id: 'if.pr-max',
    summary: `more than ${MAX_RANGES} port ranges`,
    check: (ranges, path) =>
      ranges.length > MAX_RANGES
        ? [
            invalid(
              path,
              `${ranges.length} ranges: at most ${MAX_RANGES} are possible, join some or remove portRanges to forward every port`,
            ),
          ]
        : [],
  }),
  eachRangeRule({
    id: 'if.pr-range',
    field: '[]',
    source: '§6.9 (if.pr-proto, -start, -end, -order)',
    summary: 'a port range that does not exist',
    check: (ranges, path) => ranges.flatMap((range, i) => rangeFinding(range, `${path}[${i}]`) ?? []),
  }),
  eachRangeRule({
    id: 'if.pr-overlap',
    field: '[]',
    summary: 'port ranges that overlap',
    check: overlapFindings,
  }),
];

export const interfacePortRules = [
  interfaceMember('ports')({
    id: 'if.ports',
    field: '[]',
    source: '§6.9 (if.port-name-dup, -name, -zero, -range, -proto)',
    summary: 'a port whose number, protocol or name is wrong, or that has the name of another',
    check: (ports, path, subject, one) => (networkOf(subject, one)?.pod ? portFindings(ports, path) : []),
  }),
  ...portRangeRules,
];
