import { hasSecureBoot, hasSmm } from './firmware.js';
import { because, forbidden, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { instanceRule, instanceRules, type RuleEntry } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';

const TECHNOLOGIES = ['sev', 'snp', 'tdx'] as const;
type Technology = (typeof TECHNOLOGIES)[number];

const GATES: Readonly<Record<Technology, string>> = {
  sev: 'WorkloadEncryptionSEV',
  snp: 'WorkloadEncryptionSEV',
  tdx: 'WorkloadEncryptionTDX',
};
const FIELD = '$.domain.launchSecurity';
const NEEDS_EXACTLY_ONE = 'write exactly one of sev, snp and tdx';

/** The technologies that an amd64 VM names; undefined for one without launch security or of another architecture. */
const technologiesOf = ({ spec }: InstanceSubject): readonly Technology[] | undefined => {
  const { launchSecurity } = spec.domain;
  if (!launchSecurity || spec.architecture !== 'amd64') return undefined;
  return TECHNOLOGIES.filter((name) => launchSecurity[name]);
};

/** A rule on a VM that is encrypted by one technology; `check` is given its name and path. */
const technologyRule = instanceRules<
  (technology: Technology, path: string, subject: InstanceSubject) => readonly Finding[]
>({
  field: `${FIELD}.{${TECHNOLOGIES.join(',')}}`,
  source: '§6.4',
  run: (subject, check) => {
    const [technology, other] = technologiesOf(subject) ?? [];
    if (technology === undefined || other !== undefined) return NOTHING;
    return check(technology, `${subject.path}.domain.launchSecurity.${technology}`, subject);
  },
});

/** The same where the gate of the technology is on: with the gate off, whether to keep it has to be decided first. */
const encryptedRule = ({
  technologies,
  check,
  ...rule
}: RuleEntry<(name: string, path: string, subject: InstanceSubject) => readonly Finding[]> & {
  readonly technologies: readonly Technology[];
}) =>
  technologyRule({
    ...rule,
    check: (technology, path, subject) =>
      technologies.includes(technology) && subject.config.hasFeatureGate(GATES[technology])
        ? check(technology.toUpperCase(), path, subject)
        : [],
  });

export const launchSecurityRules = [
  instanceRule({
    id: 'ls.arch',
    field: '$.architecture',
    source: '§6.4',
    summary: 'launch security on an architecture without it',
    check: ({ path, spec }) =>
      // Architectures that do not exist are reported by arch.unknown.
      spec.domain.launchSecurity && spec.architecture === 'arm64'
        ? because(`${path}.domain.launchSecurity`, [
            invalid(
              `${path}.architecture`,
              'arm64 has no launch security: remove domain.launchSecurity, or write amd64 or s390x',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'ls.one',
    field: FIELD,
    source: '§6.4',
    summary: 'launch security of no technology, or of several',
    check: (subject) => {
      const technologies = technologiesOf(subject);
      if (!technologies || technologies.length === 1) return [];
      return [
        forbidden(
          `${subject.path}.domain.launchSecurity`,
          technologies.length === 0
            ? `says nothing: ${NEEDS_EXACTLY_ONE}, such as "snp: {}"`
            : `is ${technologies.join(' and ')} at once: ${NEEDS_EXACTLY_ONE}`,
        ),
      ];
    },
  }),
  technologyRule({
    id: 'ls.gate',
    summary: 'launch security while its feature gate is off',
    check: (technology, path, { config }) =>
      config.hasFeatureGate(GATES[technology]) ? [] : [invalid(path, gateIsOff(GATES[technology]))],
  }),
  encryptedRule({
    id: 'ls.tdx-smm',
    technologies: ['tdx'],
    summary: 'TDX together with SMM',
    check: (name, path, { spec }) =>
      hasSmm(spec) ? [invalid(path, `${name} excludes SMM: remove domain.features.smm`)] : [],
  }),
  encryptedRule({
    id: 'ls.ovmf',
    technologies: TECHNOLOGIES,
    summary: 'an encrypted VM that does not boot by EFI',
    check: (name, path, { spec }) =>
      spec.domain.firmware?.bootloader?.efi
        ? []
        : [
            invalid(
              path,
              `${name} needs EFI: write domain.firmware.bootloader.efi: ${name === 'TDX' ? '{}' : '{secureBoot: false}'}`,
            ),
          ],
  }),
  encryptedRule({
    id: 'ls.secureboot',
    technologies: ['sev', 'snp'],
    summary: 'SEV or SNP together with secure boot',
    check: (name, path, { spec }) =>
      hasSecureBoot(spec)
        ? [
            invalid(
              path,
              `${name} excludes secure boot, which EFI has unless it is switched off: write secureBoot: false in domain.firmware.bootloader.efi`,
            ),
          ]
        : [],
  }),
  encryptedRule({
    id: 'ls.persistent-efi',
    technologies: ['snp', 'tdx'],
    summary: 'SNP or TDX with persistent EFI variables',
    check: (name, path, { spec }) =>
      spec.domain.firmware?.bootloader?.efi?.persistent
        ? [invalid(path, `${name} keeps no EFI variables: remove persistent from domain.firmware.bootloader.efi`)]
        : [],
  }),
  encryptedRule({
    id: 'ls.attestation',
    technologies: ['sev'],
    summary: 'attestation of a VM that does not start paused',
    check: (name, path, { spec }) =>
      spec.domain.launchSecurity?.sev?.attestation && spec.startStrategy !== 'Paused'
        ? [
            invalid(
              `${path}.attestation`,
              `${name} is attested before the guest runs: write startStrategy: Paused, or remove attestation`,
            ),
          ]
        : [],
  }),
  encryptedRule({
    id: 'ls.boot-nic',
    technologies: TECHNOLOGIES,
    summary: 'an encrypted VM that boots from the network',
    check: (name, path, { spec }) =>
      (spec.domain.devices.interfaces ?? []).flatMap((one, i) =>
        one.bootOrder === undefined
          ? []
          : [
              invalid(
                path,
                `a guest with ${name} cannot boot from the network: remove bootOrder of interfaces[${i}] ${show(one.name)}`,
              ),
            ],
      ),
  }),
];
