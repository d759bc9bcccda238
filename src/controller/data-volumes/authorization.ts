import { checkPermissions } from '../../api/access/access-check.js';
import type { Permission, UserInfo } from '../../api/access/access.js';
import { describeCause } from '../../api/cause.js';
import { copyPermission, foreignSources, type ForeignSource } from '../../api/access/foreign-source.js';
import { Annotation } from '../../api/names.js';
import { REQUESTER_KEYS, verifyingKeys } from '../../api/access/requester-keys.js';
import { TAKE_OVER, verifyRecord, type RecordSubject } from '../../api/access/requester.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import type { DataVolumeTemplateSpec } from '../../api/schema/virtualmachine.js';
import type { AccessReviewer } from '../../kube/client/access-review.js';
import { ifFound } from '../../kube/client/if-found.js';
import type { KubeClient } from '../../kube/client/client.js';
import { configMapPath, dataSourcePath } from '../../kube/client/resources.js';
import { resolveDataSource, type DataSource } from './data-source.js';

export interface AuthorizationOptions {
  readonly client: Pick<KubeClient, 'get'>;
  readonly reviewer: AccessReviewer;
  /** Where the webhook publishes its keys. */
  readonly installNamespace: string;
}

/** The template to make the DataVolume from, or why none is made. */
export type Authorization = { readonly template: DataVolumeTemplateSpec } | { readonly refused: string };

/** A worker waits for it; the API server answers a review in milliseconds. */
const TIMEOUT_MS = 5_000;

const subjectOf = ({ metadata }: VirtualMachine): RecordSubject => ({
  namespace: metadata?.namespace ?? '',
  uid: metadata?.uid ?? '',
  name: metadata?.name ?? '',
  generateName: metadata?.generateName ?? '',
  created: Date.parse(metadata?.creationTimestamp ?? ''),
});

const nobody = ({ metadata }: VirtualMachine, { namespace, name }: ForeignSource): string =>
  `it copies ${name} of namespace ${namespace}, and nobody is on record as having asked for that: a user who may copy it has to ` +
  `request it: kubectl annotate virtualmachine ${metadata?.name ?? ''} -n ${metadata?.namespace ?? ''} --overwrite ${Annotation.requestedBy}=${TAKE_OVER}`;

/**
 * Whether a DataVolume is made at a user's request: what the user could not have copied by hand is not copied either.
 * Admission has checked this already; it is checked again because admission may have been unavailable, and permissions
 * may be revoked.
 */
export class TemplateAuthorizer {
  constructor(private readonly options: AuthorizationOptions) {}

  /** @throws when it could not be asked */
  async authorize(vm: VirtualMachine, template: DataVolumeTemplateSpec): Promise<Authorization> {
    const own = vm.metadata?.namespace ?? '';
    const sources = foreignSources([template], own);
    const [first] = sources;
    if (first === undefined) return { template };
    const user = await this.requester(vm, sources);
    if (user === undefined) return { refused: nobody(vm, first) };
    const elsewhere = sources.filter(({ namespace }) => namespace !== own);
    const refused = await this.ask(
      elsewhere.map((source) => copyPermission(source, source.field.replace(/^.*\]\./, ''))),
      user,
    );
    if (refused !== undefined) return { refused };
    return template.spec.sourceRef ? this.followed(own, template, user) : { template };
  }

  private async requester(vm: VirtualMachine, sources: readonly ForeignSource[]): Promise<UserInfo | undefined> {
    const record = vm.metadata?.annotations?.[Annotation.requestedBy];
    if (record === undefined) return undefined;
    const { client, installNamespace } = this.options;
    const map = await ifFound(
      client.get<{ data?: Record<string, string> }>(configMapPath(installNamespace, REQUESTER_KEYS)),
    );
    return verifyRecord(record, verifyingKeys(map?.data), subjectOf(vm), sources);
  }

  private async ask(permissions: readonly Permission[], user: UserInfo): Promise<string | undefined> {
    const causes = await checkPermissions(permissions, user, (access) =>
      this.options.reviewer.isAllowed(user, access, TIMEOUT_MS),
    );
    const unanswered = causes.find(({ rule }) => rule === 'access.not-asked');
    if (unanswered !== undefined) throw new Error(describeCause(unanswered));
    return causes.length === 0 ? undefined : causes.map(describeCause).join('; ');
  }

  /** A DataSource may name something else a moment later, so the DataVolume gets what was asked about. */
  private async followed(own: string, template: DataVolumeTemplateSpec, user: UserInfo): Promise<Authorization> {
    const { sourceRef, ...spec } = template.spec;
    const { kind = '', name = '', namespace } = sourceRef ?? {};
    if (kind !== 'DataSource')
      return { refused: `spec.sourceRef.kind ${JSON.stringify(kind)} is not known: write DataSource` };
    const where = namespace || own;
    const dataSource = await ifFound(this.options.client.get<DataSource>(dataSourcePath(where, name)));
    const resolved = dataSource && resolveDataSource(dataSource, own, 'spec.sourceRef');
    if (resolved === undefined)
      return {
        refused: `DataSource ${where}/${name} ${dataSource ? 'names no claim or snapshot yet' : 'does not exist'}`,
      };
    const refused = await this.ask(resolved.permissions, user);
    return refused === undefined
      ? { template: { ...template, spec: { ...spec, source: resolved.source } } }
      : { refused };
  }
}
