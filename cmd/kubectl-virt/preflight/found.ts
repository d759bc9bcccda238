import { GROUP, SUBRESOURCE_GROUP } from '../../../src/api/names.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { VIRT_NODES } from '../../../src/api/virt-node/virt-node.js';
import { serverMinor } from '../../../src/kube/client/server-version.js';
import type { ApiClient } from '../client/client.js';
import { ifThere } from '../client/if-there.js';

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
interface ApiService {
  readonly spec?: { readonly service?: { readonly namespace?: string; readonly name?: string } | null };
}
/** What matters of a cluster before anything is applied to it. */
export interface Found {
  readonly minor: number;
  /** What is KubeVirt's, in words. */
  readonly kubevirt: readonly string[];
  /** kubectl-virt is there: this is an update. */
  readonly ours: boolean;
  readonly cdi: boolean;
}

/** Names and labels are enough, and a definition is a megabyte. */
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Of its kinds the one without which no KubeVirt runs, and one that is never ours. */
const ITS_CRDS = [`kubevirts.${GROUP}`, `virtualmachines.${GROUP}`, `virtualmachineinstancemigrations.${GROUP}`];
const OUR_CRD = `${VIRT_NODES}.${GROUP}`;
const CDI_CRD = 'cdis.cdi.kubevirt.io';
/** KubeVirt's operator and the service of its API, wherever they are. */
const OPERATORS = `/apis/apps/v1/deployments?labelSelector=${encodeURIComponent(`${GROUP}=virt-operator`)}`;
const API_SERVICE = `/apis/apiregistration.k8s.io/v1/apiservices/v1.${SUBRESOURCE_GROUP}`;
const OUR_SERVICE = 'virt-webhook';
/** Enough to know what it is. */
const MAX_OPERATORS = 3;

/** @throws CliError where the cluster cannot be asked */
export const lookAt = async (client: ApiClient): Promise<Found> => {
  const crd = (name: string) => ifThere(client.get<{ metadata?: Metadata }>(`${CRDS}/${name}`, METADATA));
  // One after the other: what is answered with an error closes the connections of all.
  const minor = await serverMinor({ get: <Answer>(path: string) => client.get<Answer>(path) });
  const ours = await crd(OUR_CRD);
  const cdi = await crd(CDI_CRD);
  const operators = await client.get<{ items?: readonly { metadata?: Metadata }[] }>(OPERATORS);
  const apiService = await ifThere(client.get<ApiService>(API_SERVICE));
  const crds: unknown[] = [];
  for (const name of ITS_CRDS) crds.push(await crd(name));
  const service = apiService?.spec?.service;
  return {
    minor,
    ours: ours !== undefined,
    cdi: cdi !== undefined,
    kubevirt: [
      ...(operators.items ?? [])
        .slice(0, MAX_OPERATORS)
        .map(({ metadata }) => `Deployment ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`),
      ...(service != null && service.name !== OUR_SERVICE
        ? [`APIService v1.${SUBRESOURCE_GROUP}, served by ${service.namespace ?? ''}/${service.name ?? ''}`]
        : []),
      // Ours come with VirtNodes.
      ...ITS_CRDS.filter(
        (name, index) => crds[index] !== undefined && (ours === undefined || name === ITS_CRDS[2]),
      ).map((name) => `CustomResourceDefinition ${name}`),
    ].map(visibleLine),
  };
};
