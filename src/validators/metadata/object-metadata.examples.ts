import type { ExampleTable } from '../rule/examples.js';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'a' };

export const objectMetadataExamples: ExampleTable = {
  'meta.name': {
    accepts: [
      { 'metadata.name': 'web-server' },
      { 'metadata.name': 'web.server' },
      { 'metadata.name': undefined, 'metadata.generateName': 'web-' },
    ],
    refuses: [
      [{ 'metadata.name': 'Web_Server' }, 'metadata.name'],
      [{ 'metadata.name': 'a'.repeat(254) }, 'metadata.name'],
      [{ 'metadata.name': undefined }, 'metadata.name'],
      [{ 'metadata.name': '' }, 'metadata.name'],
      [{ 'metadata.name': undefined, 'metadata.generateName': 'Web-' }, 'metadata.generateName'],
    ],
  },
  'meta.namespace': {
    accepts: [{ 'metadata.namespace': 'team-a' }],
    refuses: [
      [{ 'metadata.namespace': 'team_a' }, 'metadata.namespace'],
      [{ 'metadata.namespace': 'team.a' }, 'metadata.namespace'],
    ],
  },
  'meta.label-form': {
    accepts: [{ 'metadata.labels': { owner: 'team-a' } }, { 'metadata.labels': { 'a.example/owner': '' } }],
    refuses: [
      [{ 'metadata.labels': { owner: 'team a' } }, 'metadata.labels.owner'],
      [{ 'metadata.labels': { 'the owner': 'team-a' } }, 'metadata.labels[the owner]'],
    ],
  },
  'meta.annotation-form': {
    kind: 'VirtualMachine',
    accepts: [{ 'metadata.annotations': { note: 'any text' } }, { 'metadata.annotations': { 'A.example/note': '' } }],
    refuses: [
      [{ 'metadata.annotations': { 'a note': '' } }, 'metadata.annotations[a note]'],
      [{ 'metadata.annotations': { note: 'a'.repeat(256 * 1024) } }, 'metadata.annotations'],
    ],
  },
  'meta.owner-form': {
    accepts: [
      { 'metadata.ownerReferences': [{ ...owner, controller: true }, owner] },
      { 'metadata.ownerReferences': [owner] },
    ],
    refuses: [
      [
        {
          'metadata.ownerReferences': [
            { ...owner, controller: true },
            { ...owner, controller: true, uid: 'b' },
          ],
        },
        'metadata.ownerReferences[1].controller',
      ],
      [{ 'metadata.ownerReferences': [{ ...owner, uid: '' }] }, 'metadata.ownerReferences[0].uid'],
    ],
  },
  'meta.finalizers': {
    accepts: [{ 'metadata.finalizers': ['a.example/backup'] }],
    refuses: [
      [{ 'metadata.finalizers': ['a.example/back up'] }, 'metadata.finalizers[0]'],
      [{ 'metadata.finalizers': ['a.example/b', ''] }, 'metadata.finalizers[1]'],
    ],
  },
};
