import { setTimeout as sleep } from 'node:timers/promises';
import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { ApiClient } from '../client/client.js';
import { METADATA_ALONE, pagesOf } from '../client/list.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { ExitCode, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, warn, type Io } from '../io.js';
import { objectPath } from '../paths.js';
import { printRows } from './print.js';
import { rows, type Row } from './rows.js';

export interface ListFlags extends GlobalFlags {
  'all-namespaces'?: boolean;
  selector?: string;
  output?: string;
  watch?: boolean;
  headers?: boolean;
}

const WATCH_MS = 5_000;
const FORMATS = ['wide', 'json', 'yaml', 'name'];

const check = ({ output, watch }: ListFlags): void => {
  if (output !== undefined && !FORMATS.includes(output))
    throw new UsageError(`unsupported output format "${output}"`, {
      remedy: 'Use -o wide, -o json, -o yaml or -o name.',
    });
  if (watch === true && output !== undefined && output !== 'wide')
    throw new UsageError(`--watch shows a table, and -o ${output} is none`, { remedy: 'Leave one of them out.' });
};

/** Who may see VMs and not their instances gets what VMs say of themselves. */
const orNothing = async function* <Item>(
  io: Io,
  pages: AsyncGenerator<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 403) throw error;
    warn(io, `addresses and nodes are not shown: ${error.message}`);
  }
};

const rowsOf = (io: Io, client: ApiClient, { selector, 'all-namespaces': all }: ListFlags): AsyncGenerator<Row> => {
  const base = `/apis/${GROUP}/${STORED_VERSION}`;
  const at = (kind: 'vm' | 'vmi', plural: string): string =>
    all === true ? `${base}/${plural}` : objectPath(kind, client.namespace);
  const [vms, vmis] = [at('vm', 'virtualmachines'), at('vmi', 'virtualmachineinstances')];
  return rows({
    machines: pagesOf<VirtualMachine>(client, vms, { selector }),
    instances: orNothing(io, pagesOf<VirtualMachineInstance>(client, vmis)),
    chosen:
      selector === undefined
        ? undefined
        : orNothing(io, pagesOf<Row & object>(client, vmis, { selector, accept: METADATA_ALONE }) as never),
  });
};

/** `list`: once, or again and again until somebody interrupts it. */
export const list = async (io: Io, flags: ListFlags): Promise<number> => {
  check(flags);
  const client = await connectTo(io, flags);
  const { output, 'all-namespaces': all = false, watch = false, headers = true } = flags;
  for (;;) {
    const shown = await printRows(io, rowsOf(io, client, flags), { output, all, headers, clear: watch });
    if (shown === 0 && (output === undefined || output === 'wide')) {
      const missing = all ? undefined : await missingNamespace(client);
      if (missing !== undefined) throw missing;
      note(io, all ? 'No virtual machine found.' : `No virtual machine found in namespace ${client.namespace}.`);
    }
    if (!watch) return ExitCode.ok;
    await sleep(WATCH_MS);
    if (!io.stdout.isTTY) print(io, '');
  }
};
