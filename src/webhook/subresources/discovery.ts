import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from '../../api/names.js';
import { EXPAND_RESOURCE, SUBRESOURCES } from '../../agent-api/subresources.js';

/*
 * The documents that kube-aggregator, kubectl and client libraries read before they call anything. Incomplete ones
 * break strict clients (docs/reference/control.md §2.2), so every entry carries its kind, verbs and singular name.
 */

const kinds = { virtualmachines: 'VirtualMachine', virtualmachineinstances: 'VirtualMachineInstance' } as const;

const groupVersions = SUBRESOURCE_VERSIONS.map((version) => ({
  groupVersion: `${SUBRESOURCE_GROUP}/${version}`,
  version,
}));

const apiGroup = {
  name: SUBRESOURCE_GROUP,
  versions: groupVersions,
  preferredVersion: groupVersions[0],
};

const apiResourceList = (version: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${SUBRESOURCE_GROUP}/${version}`,
  resources: [
    ...SUBRESOURCES.map(({ resource, subresource, verb }) => ({
      name: `${resource}/${subresource}`,
      singularName: '',
      namespaced: true,
      kind: kinds[resource],
      verbs: [verb],
    })),
    { name: EXPAND_RESOURCE, singularName: '', namespaced: true, kind: 'VirtualMachine', verbs: ['update'] },
    // Reached as /apis/GROUP/VERSION/version, which RBAC sees as listing a resource of that name.
    { name: 'version', singularName: '', namespaced: false, kind: 'Version', verbs: ['get', 'list'] },
  ],
});

export interface BuildInfo {
  readonly gitVersion: string;
  readonly commit: string;
  readonly buildDate: string;
  readonly platform: string;
}

const versionDocument = (build: BuildInfo) => ({
  gitVersion: build.gitVersion,
  gitCommit: build.commit,
  gitTreeState: 'clean',
  buildDate: build.buildDate,
  goVersion: `node ${process.version}`,
  compiler: 'tsc',
  platform: build.platform,
});

const openApiV2 = {
  swagger: '2.0',
  info: { title: 'kubectl-virt subresources', version: 'v1' },
  paths: {},
  definitions: {},
};
const openApiV3 = { openapi: '3.0.0', info: { title: 'kubectl-virt subresources', version: 'v1' }, paths: {} };

/** Path → document, for everybody, without authentication. */
export const discoveryDocuments = (build: BuildInfo): ReadonlyMap<string, unknown> => {
  const root = `/apis/${SUBRESOURCE_GROUP}`;
  const documents = new Map<string, unknown>([
    ['/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups: [apiGroup] }],
    [root, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup }],
    ['/openapi/v2', openApiV2],
    [
      '/openapi/v3',
      {
        paths: Object.fromEntries(
          SUBRESOURCE_VERSIONS.map((v) => [
            `apis/${SUBRESOURCE_GROUP}/${v}`,
            { serverRelativeURL: `/openapi/v3/apis/${SUBRESOURCE_GROUP}/${v}` },
          ]),
        ),
      },
    ],
  ]);
  for (const version of SUBRESOURCE_VERSIONS) {
    documents.set(`${root}/${version}`, apiResourceList(version));
    documents.set(`${root}/${version}/version`, versionDocument(build));
    documents.set(`/openapi/v3/apis/${SUBRESOURCE_GROUP}/${version}`, openApiV3);
  }
  documents.set('/', { paths: [...documents.keys()] });
  return documents;
};
