import { type Column, type Describe, structuralSchema, notActedOnNotes } from '../crd.js';
import { DATA_VOLUME_NOT_ACTED_ON } from './data-volume-not-acted-on.js';
import { BUILT_IN_LABEL, CDI_GROUP, CDI_VERSION, DATA_VOLUME_CRD } from './data-volume.js';
import type { SchemaNode } from '../schema-check/schema-node.js';
import { DataVolume } from '../schema/datavolume.js';

/*
 * CDI's DataVolume for clusters without CDI, served by the built-in importer. Same group, version, names and columns,
 * so that manifests and tools work with either. Its schema has every field of CDI's, so that none is pruned: what is
 * not acted on is reported to the user (src/controller/data-volumes/check.ts).
 */

type Json = Record<string, unknown>;

const COLUMNS: readonly Column[] = [
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Progress', type: 'string', jsonPath: '.status.progress' },
  { name: 'Restarts', type: 'integer', jsonPath: '.status.restartCount' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const DESCRIPTION =
  'A claim and what is to be in it before a VM uses it: an image from a web server or registry, a copy of another claim, or nothing. Served by the built-in importer.';

export const dataVolumeDefinition = (describe: Describe): Json => {
  const notes = new Map(notActedOnNotes(DATA_VOLUME_NOT_ACTED_ON));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: DATA_VOLUME_CRD, labels: { [BUILT_IN_LABEL]: '' } },
    spec: {
      group: CDI_GROUP,
      names: {
        kind: 'DataVolume',
        listKind: 'DataVolumeList',
        plural: 'datavolumes',
        singular: 'datavolume',
        shortNames: ['dv', 'dvs'],
        categories: ['all'],
      },
      scope: 'Namespaced',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: CDI_VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: {
            openAPIV3Schema: structuralSchema(DataVolume as unknown as SchemaNode, DESCRIPTION, describe, notes),
          },
        },
      ],
    },
  };
};

const role = (name: string, verbs: readonly string[]): Json => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: {
    name: `kubevirt.io:data-volumes-${name}`,
    labels: {
      'kubevirt.io': '',
      ...Object.fromEntries(
        (name === 'view' ? ['view'] : ['admin', 'edit']).map((to) => [
          `rbac.authorization.k8s.io/aggregate-to-${to}`,
          'true',
        ]),
      ),
    },
  },
  rules: [{ apiGroups: [CDI_GROUP], resources: ['datavolumes'], verbs }],
});

const READ = ['get', 'list', 'watch'] as const;
/** What users may do with them, by the built-in roles admin, edit and view. */
export const dataVolumeRoles: readonly Json[] = [
  role('edit', [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection']),
  role('view', READ),
];
