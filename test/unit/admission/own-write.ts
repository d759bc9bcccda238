import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionRequest } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';

const KINDS: Readonly<Record<string, AdmissionRequest['kind']>> = {
  virtualmachines: 'VirtualMachine',
  virtualmachineinstances: 'VirtualMachineInstance',
  virtualmachineinstancereplicasets: 'VirtualMachineInstanceReplicaSet',
};

interface Write {
  readonly program: 'virt-controller' | 'virt-webhook' | 'virt-agent';
  /** The node of an agent. */
  readonly node?: string;
  readonly resource: string;
  readonly subResource?: string;
  readonly object: unknown;
  /** Absent: a creation. */
  readonly oldObject?: unknown;
}

/** Fails where our own webhook would refuse what one of our programs writes. For API servers in memory. */
export const requireAdmitted = ({ program, node, resource, subResource = '', object, oldObject }: Write): void => {
  const kind = KINDS[resource];
  // As admission-routes.ts: nobody asks about /scale or /finalizers.
  if (kind === undefined || (subResource !== '' && subResource !== 'status')) return;
  const extra = node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node] };
  const { causes } = admit(
    {
      kind,
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      object: JSON.parse(JSON.stringify(object)) as unknown,
      ...(oldObject === undefined ? {} : { oldObject: JSON.parse(JSON.stringify(oldObject)) as unknown }),
      ...(subResource === 'status' ? { subResource } : {}),
      user: { username: `system:serviceaccount:kubevirt:${program}`, extra },
    },
    { config: resolveClusterConfig(), newUuid: () => '00000000-0000-4000-8000-000000000000' },
  );
  assert.deepEqual(causes, [], `admission refuses what ${program} writes`);
};
