import { hasSecureBoot, hasSmm } from './firmware.js';
import { gateIsOff } from '../rule/feature-gate.js';
import {
  because,
  forbidden,
  instanceRule,
  invalid,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

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
const technologyRule = (
  id: string,
  summary: string,
  check: (technology: Technology, path: string, subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `${FIELD}.{${TECHNOLOGIES.join(',')}}`, '§6.4', summary, (subject) => {
    const [technology, other] = technologiesOf(subject) ?? [];
    if (technology === undefined || other !== undefined) return [];
    return check(technology, `${subject.path}.domain.launchSecurity.${technology}`, subject);
  });

/** The same where the gate of the technology is on: with the gate off, whether to keep it has to be decided first. */
const encryptedRule = (
  id: string,
  summary: string,
  technologies: readonly Technology[],
  check: (name: string, path: string, subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> =>
  technologyRule(id, summary, (technology, path, subject) =>
    technologies.includes(technology) && subject.config.hasFeatureGate(GATES[technology])
      ? check(technology.toUpperCase(), path, subject)
      : [],
  );

export const launchSecurityRules = [
  instanceRule('ls.arch', '$.architecture', '§6.4', 'launch security on an architecture without it', ({ path, spec }) =>
    // Architectures that do not exist are reported by arch.unknown.
    spec.domain.launchSecurity && spec.architecture === 'arm64'
      ? because(`${path}.domain.launchSecurity`, [
          invalid(
            `${path}.architecture`,
            'arm64 has no launch security: remove domain.launchSecurity, or write amd64 or s390x',
          ),
        ])
      : [],
  ),
  instanceRule('ls.one', FIELD, '§6.4', 'launch security of no technology, or of several', (subject) => {
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
  }),
  technologyRule('ls.gate', 'launch security while its feature gate is off', (technology, path, { config }) =>
    config.hasFeatureGate(GATES[technology]) ? [] : [invalid(path, gateIsOff(GATES[technology]))],
  ),
  encryptedRule('ls.tdx-smm', 'TDX together with SMM', ['tdx'], (name, path, { spec }) =>
    hasSmm(spec) ? [invalid(path, `${name} excludes SMM: remove domain.features.smm`)] : [],
  ),
  encryptedRule('ls.ovmf', 'an encrypted VM that does not boot by EFI', TECHNOLOGIES, (name, path, { spec }) =>
    spec.domain.firmware?.bootloader?.efi
      ? []
      : [
          invalid(
            path,
            `${name} needs EFI: write domain.firmware.bootloader.efi: ${name === 'TDX' ? '{}' : '{secureBoot: false}'}`,
          ),
        ],
  ),
  encryptedRule('ls.secureboot', 'SEV or SNP together with secure boot', ['sev', 'snp'], (name, path, { spec }) =>
    hasSecureBoot(spec)
      ? [
          invalid(
            path,
            `${name} excludes secure boot, which EFI has unless it is switched off: write secureBoot: false in domain.firmware.bootloader.efi`,
          ),
        ]
      : [],
  ),
  encryptedRule(
    'ls.persistent-efi',
    'SNP or TDX with persistent EFI variables',
    ['snp', 'tdx'],
    (name, path, { spec }) =>
      spec.domain.firmware?.bootloader?.efi?.persistent
        ? [invalid(path, `${name} keeps no EFI variables: remove persistent from domain.firmware.bootloader.efi`)]
        : [],
  ),
  encryptedRule('ls.attestation', 'attestation of a VM that does not start paused', ['sev'], (name, path, { spec }) =>
    spec.domain.launchSecurity?.sev?.attestation && spec.startStrategy !== 'Paused'
      ? [
          invalid(
            `${path}.attestation`,
            `${name} is attested before the guest runs: write startStrategy: Paused, or remove attestation`,
          ),
        ]
      : [],
  ),
  encryptedRule('ls.boot-nic', 'an encrypted VM that boots from the network', TECHNOLOGIES, (name, path, { spec }) =>
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
  ),
];
