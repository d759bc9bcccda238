import type { Change, ExampleTable } from '../rule/examples.js';
import { claim, disk, running } from './example-parts.js';

const OURS = 'system:serviceaccount:kubevirt:virt-controller';
const data = [[disk('data')], [claim('data')]] as const;
const old = running(...data);
const utility = (...list: object[]): Change => running(...data, { 'spec.utilityVolumes': list });
const backup = { name: 'backup', claimName: 'backup' };
const U = 'spec.utilityVolumes';

export const instanceResourcesUpdateExamples: ExampleTable = {
  'upd.max-sockets': {
    why: 'The guest was started with room for so many, and cannot be given more.',
    old: { 'spec.domain.cpu': { sockets: 1, maxSockets: 4 } },
    user: OURS,
    accepts: [{ 'spec.domain.cpu': { sockets: 2, maxSockets: 4 } }],
    refuses: [
      [{ 'spec.domain.cpu': { sockets: 2, maxSockets: 8 } }, 'spec.domain.cpu.maxSockets'],
      [{ 'spec.domain.cpu': undefined }, 'spec.domain.cpu.maxSockets'],
    ],
  },
  'upd.max-guest': {
    why: 'The guest was started with room for so much, and cannot be given more.',
    old: { 'spec.domain.memory': { guest: '1Gi', maxGuest: '4Gi' } },
    user: OURS,
    accepts: [
      { 'spec.domain.memory': { guest: '2Gi', maxGuest: '4Gi' } },
      { 'spec.domain.memory': { guest: '2Gi', maxGuest: '4096Mi' } },
      { 'spec.domain.memory': { guest: '2Gi' } },
    ],
    refuses: [
      [{ 'spec.domain.memory': { guest: '1Gi', maxGuest: '8Gi' } }, 'spec.domain.memory.maxGuest'],
      [{ 'spec.domain.memory': { guest: '2Gi', maxGuest: '2Gi' } }, 'spec.domain.memory.maxGuest'],
    ],
  },
  'upd.utility-gate': {
    old,
    user: OURS,
    accepts: [utility()],
    refuses: [
      [utility(backup), U],
      [utility({ name: '', claimName: '' }), U],
    ],
  },
  'upd.utility-name': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: '', claimName: 'a' }), `${U}[0].name`],
      [utility(backup, { name: '', claimName: 'a' }), `${U}[1].name`],
    ],
  },
  'upd.utility-dup': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup, { ...backup, name: 'other' })],
    refuses: [
      [utility({ name: 'data', claimName: 'a' }), `${U}[0].name`],
      [utility({ name: 'root', claimName: 'a' }), `${U}[0].name`],
    ],
  },
  'upd.utility-claim': {
    old,
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: 'a', claimName: '' }), `${U}[0].claimName`],
      [utility(backup, { name: 'a', claimName: '' }), `${U}[1].claimName`],
    ],
  },
  'upd.utility-permanent': {
    old: {
      ...utility(),
      'status.volumeStatus': [
        { name: 'tools', target: 'vdc' },
        { name: 'cd', target: 'sdb' },
      ],
    },
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility(backup)],
    refuses: [
      [utility({ name: 'tools', claimName: 'a' }), `${U}[0].name`],
      [utility(backup, { name: 'cd', claimName: 'a' }), `${U}[1].name`],
    ],
  },
  'upd.utility-changed': {
    old: utility(backup),
    user: OURS,
    gates: ['UtilityVolumes'],
    accepts: [utility({ name: 'other', claimName: 'a' }, backup)],
    refuses: [
      [utility({ ...backup, claimName: 'other' }), `${U}[0].claimName`],
      [utility({ name: 'first', claimName: 'a' }, { ...backup, readOnly: true }), `${U}[1].readOnly`],
    ],
  },
};
