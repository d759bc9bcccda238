/** What a user does with the VMs of a namespace, and what he waits for. */
import assert from 'node:assert/strict';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { ConsoleSession } from './console.js';
import { apply, get } from './api.js';
import { vmiOf } from './faults.js';
import { plugin, until } from './kubectl.js';
import { machine, tinySpec } from './machines.js';

export const tools = (namespace: string) => {
  const vm = (name: string) => get<VirtualMachine>(namespace, 'vm', name);
  return {
    vm,
    virt: async (...args: string[]): Promise<void> => {
      const { code, stdout, stderr } = await plugin([...args, '-n', namespace]);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
    },
    /** Applies a VM that is to run. */
    boot: async (
      name: string,
      strategy: 'Always' | 'Manual' | 'RerunOnFailure' | 'Once' = 'Manual',
      spec = tinySpec(),
    ) => {
      await apply(machine(namespace, name, { runStrategy: strategy }, spec));
      if (strategy === 'Manual') {
        const { code, stderr } = await plugin(['start', name, '-n', namespace]);
        assert.equal(code, 0, stderr);
      }
    },
    untilStatus: (name: string, wanted: string, seconds = 60) =>
      until(`VM ${name} ${wanted}`, async () => (await vm(name))?.status?.printableStatus === wanted, {
        namespace,
        seconds,
      }),
    /** Waits for another VMI of the VM to run. */
    untilReborn: (name: string, before: string | undefined) =>
      until(
        `another life of ${name}`,
        async () => {
          const vmi = await vmiOf(namespace, name);
          return vmi?.metadata?.uid !== before && vmi?.status?.phase === 'Running';
        },
        { namespace },
      ),
    uid: async (name: string) => (await vmiOf(namespace, name))?.metadata?.uid,
    /** Runs `use` at the guest's shell. */
    atShell: async (name: string, use: (console: ConsoleSession) => Promise<void>): Promise<void> => {
      const console = new ConsoleSession(namespace, name);
      try {
        await console.shell();
        await use(console);
      } finally {
        await console.close();
      }
    },
  };
};
