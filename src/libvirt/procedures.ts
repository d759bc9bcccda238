/**
 * The procedure table: number, argument and result types of every procedure this library calls.
 *
 * Numbers and structures follow libvirt's `src/remote/remote_protocol.x` and `src/remote/qemu_protocol.x` (read in
 * version 9.0.0; the wire never changes, newer versions only append). Limits are those of the same files. A procedure
 * that is missing is one entry in the table of its subject, plus a method in the class of that subject.
 */
import { connectionProcedures } from './connection-procedures.js';
import { diskProcedures } from './disk-procedures.js';
import { domainProcedures } from './domain-procedures.js';
import { guestProcedures } from './guest-procedures.js';
import { nodeProcedures } from './node-procedures.js';
import { resourceProcedures } from './resource-procedures.js';
import { snapshotProcedures } from './snapshot-procedures.js';

export type { Procedure } from './procedure.js';

export const procedures = {
  ...connectionProcedures,
  ...nodeProcedures,
  ...domainProcedures,
  ...resourceProcedures,
  ...diskProcedures,
  ...guestProcedures,
  ...snapshotProcedures,
} as const;
