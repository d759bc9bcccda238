import { GROUP, STORED_VERSION, SUBRESOURCE_GROUP } from '../../src/api/names.js';
import type { TargetKind } from './target.js';

const RESOURCE: Readonly<Record<TargetKind, string>> = { vm: 'virtualmachines', vmi: 'virtualmachineinstances' };

/** `/apis/kubevirt.io/v1/namespaces/NS/RESOURCE[/NAME]`. */
export const objectPath = (kind: TargetKind, namespace: string, name?: string): string =>
  `/apis/${GROUP}/${STORED_VERSION}/namespaces/${namespace}/${RESOURCE[kind]}${name === undefined ? '' : `/${name}`}`;

/** `/apis/subresources.kubevirt.io/v1/namespaces/NS/RESOURCE/NAME/SUBRESOURCE`. */
export const subresourcePath = (kind: TargetKind, namespace: string, name: string, subresource: string): string =>
  `/apis/${SUBRESOURCE_GROUP}/v1/namespaces/${namespace}/${RESOURCE[kind]}/${name}/${subresource}`;

export const versionPath = `/apis/${SUBRESOURCE_GROUP}/v1/version`;
