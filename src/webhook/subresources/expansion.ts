import type { IncomingMessage } from 'node:http';
import { expansionOf } from '../../admission/expansion.js';
import { checkShape } from '../../admission/schema.js';
import type { AdmissionContext } from '../../admission/types.js';
import { badRequest, StatusError } from '../../agent-api/status-error.js';
import { describeCause } from '../../api/cause.js';
import { isRecord, without } from '../../api/record.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import { inferMatchers } from '../../instancetypes/infer.js';
import { shippedSource } from '../../instancetypes/shipped/index.js';
import { BodyError, readJson } from '../admission/body.js';

/*
 * `expand-spec` and `expand-vm-spec`: a VM as its instance type and preference make it, with neither of them named any
 * more. Nothing is written. Only what is in the VM's own namespace, and what is everybody's, is read.
 */

export type ExpansionContext = Pick<AdmissionContext, 'config' | 'instancetypes'>;

interface Problem {
  readonly field: string;
  readonly message: string;
}

const refused = (problems: readonly Problem[]): StatusError =>
  badRequest(
    `the VirtualMachine cannot be expanded: ${problems.map(describeCause).join('; ')}`,
    problems.map(({ field, message }) => ({ reason: 'FieldValueInvalid', field, message })),
  );

/** @throws StatusError 400 with every cause */
export const expandedMachine = (written: unknown, namespace: string, context: ExpansionContext): VirtualMachine => {
  const { causes, shaped, object } = checkShape('VirtualMachine', written);
  if (!shaped) throw refused(causes);
  const vm = object as VirtualMachine;
  const own = vm.metadata?.namespace;
  if (own !== undefined && own !== '' && own !== namespace)
    throw badRequest(`the VirtualMachine is of namespace ${own}, and the request of ${namespace}: write one of both`);
  const { vm: inferred, problems } = inferMatchers(vm, namespace, context.instancetypes ?? shippedSource);
  if (problems.length > 0) throw refused(problems);
  const expansion = expansionOf(inferred, namespace, context);
  const { unusable = [], conflicts = [], spread = [], requirements = [] } = expansion?.findings ?? {};
  const wrong: readonly Problem[] = [
    ...(expansion?.missing ?? []),
    ...unusable,
    ...conflicts,
    ...spread,
    ...requirements,
  ];
  if (wrong.length > 0) throw refused(wrong);
  const spec = { ...(expansion?.vm ?? inferred).spec };
  delete spec.instancetype;
  delete spec.preference;
  return { ...vm, apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', spec };
};

const asWritten = (body: unknown): unknown => {
  if (!isRecord(body)) return body;
  const { metadata } = body;
  return { ...without(body, 'status'), ...(isRecord(metadata) ? { metadata: without(metadata, 'uid') } : {}) };
};

/** Bytes: etcd stores no larger object. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;

/**
 * The VM in the body of a request, without what a manifest has not: whoever sends another VM's uid and status is shown
 * none of its revisions. @throws StatusError
 */
export const readMachine = async (request: IncomingMessage): Promise<unknown> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    throw new StatusError('RequestEntityTooLarge', `the body is larger than ${MAX_BODY_BYTES} bytes: send one VM`);
  try {
    return asWritten(await readJson(request));
  } catch (error) {
    if (error instanceof BodyError) throw badRequest(error.message);
    throw error;
  }
};
