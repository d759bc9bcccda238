import { iface, type Change, type ExampleTable } from '../rule/examples.js';

const FW = 'spec.domain.firmware';
const LS = 'spec.domain.launchSecurity';
const EFI = `${FW}.bootloader.efi`;
/** A VM encrypted as `launchSecurity` says, with EFI as it needs it. */
const encrypted = (launchSecurity: object, more: Change = {}): Change => ({
  [LS]: launchSecurity,
  [EFI]: { secureBoot: false },
  ...more,
});
const TDX = ['WorkloadEncryptionTDX'];

export const launchSecurityExamples: ExampleTable = {
  'ls.arch': {
    accepts: [
      encrypted({ sev: {} }, { 'spec.architecture': 'amd64' }),
      encrypted({ snp: {} }),
      { [LS]: {}, 'spec.architecture': 's390x' },
    ],
    refuses: [
      [encrypted({ sev: {} }, { 'spec.architecture': 'arm64' }), 'spec.architecture'],
      [{ [LS]: {}, 'spec.architecture': 'arm64' }, 'spec.architecture'],
    ],
  },
  'ls.one': {
    accepts: [encrypted({ sev: {} })],
    refuses: [
      [encrypted({}), LS],
      [encrypted({ sev: {}, snp: {} }), LS],
    ],
  },
  'ls.gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['WorkloadEncryptionSEV'] } },
    accepts: [
      { [LS]: undefined, [EFI]: { secureBoot: false } },
      encrypted({ sev: {} }, { 'spec.architecture': 's390x' }),
    ],
    refuses: [
      [encrypted({ tdx: {} }), `${LS}.tdx`],
      [encrypted({ sev: {} }), `${LS}.sev`],
      [encrypted({ snp: {} }), `${LS}.snp`],
    ],
  },
  'ls.tdx-smm': {
    gates: TDX,
    accepts: [encrypted({ tdx: {} }, { 'spec.domain.features.smm.enabled': false })],
    refuses: [
      [encrypted({ tdx: {} }, { 'spec.domain.features.smm': {} }), `${LS}.tdx`],
      [encrypted({ tdx: {} }, { 'spec.domain.features.smm.enabled': true }), `${LS}.tdx`],
    ],
  },
  'ls.ovmf': {
    why: 'Only OVMF, the firmware of EFI, can be measured and encrypted.',
    gates: TDX,
    accepts: [encrypted({ snp: {} }), { [LS]: { tdx: {} }, [EFI]: {} }],
    refuses: [
      [{ [LS]: { snp: {} } }, `${LS}.snp`],
      [{ [LS]: { tdx: {} }, [`${FW}.bootloader.bios`]: {} }, `${LS}.tdx`],
    ],
  },
  'ls.secureboot': {
    gates: TDX,
    accepts: [encrypted({ sev: {} }), { [LS]: { tdx: {} }, [EFI]: { secureBoot: true } }],
    refuses: [
      [{ [LS]: { sev: {} }, [EFI]: {} }, `${LS}.sev`],
      [{ [LS]: { snp: {} }, [EFI]: { secureBoot: true } }, `${LS}.snp`],
    ],
  },
  'ls.persistent-efi': {
    gates: TDX,
    accepts: [
      encrypted({ snp: {} }, { [`${EFI}.persistent`]: false }),
      encrypted({ sev: {} }, { [`${EFI}.persistent`]: true }),
      encrypted({ snp: {} }, { [`${EFI}.persistent`]: false }),
    ],
    refuses: [
      [encrypted({ snp: {} }, { [`${EFI}.persistent`]: true }), `${LS}.snp`],
      [encrypted({ tdx: {} }, { [`${EFI}.persistent`]: true }), `${LS}.tdx`],
    ],
  },
  'ls.attestation': {
    why: 'The owner checks the measurement before the guest sees a secret: so it must wait.',
    accepts: [encrypted({ sev: { attestation: {} } }, { 'spec.startStrategy': 'Paused' })],
    refuses: [
      [encrypted({ sev: { attestation: {} } }), `${LS}.sev.attestation`],
      [encrypted({ sev: { attestation: {}, policy: { encryptedState: true } } }), `${LS}.sev.attestation`],
    ],
  },
  'ls.boot-nic': {
    why: 'What comes over the network is not part of the measurement.',
    gates: TDX,
    accepts: [encrypted({ snp: {} }, iface({}))],
    refuses: [
      [encrypted({ snp: {} }, iface({ bootOrder: 1 })), `${LS}.snp`],
      [encrypted({ tdx: {} }, iface({ bootOrder: 2 })), `${LS}.tdx`],
    ],
  },
};
