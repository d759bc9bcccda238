import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { isCliError, renderError } from '../../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { fakeIo } from '../fake-io.js';

/*
 * Policies and objects in files, and the plugin run on them.
 */

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Files {
  /** @returns its path */
  readonly write: (name: string, content: string | object) => string;
  /** Paths of this folder are left out of what is printed. */
  readonly run: (...args: readonly string[]) => Promise<Outcome>;
  readonly remove: () => void;
}

export const newFiles = (): Files => {
  const directory = mkdtempSync(join(tmpdir(), 'policies-'));
  const short = (text: string): string => text.replaceAll(`${directory}/`, '');
  return {
    write: (name, content) => {
      const file = join(directory, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : stringify(content));
      return file;
    },
    run: async (...args) => {
      const io = fakeIo();
      try {
        const code = await main(
          args.map((arg) => arg.replace('@', `${directory}/`)),
          io,
        );
        return { code, out: short(io.out()), err: short(io.err()) };
      } catch (error) {
        if (!isCliError(error)) throw error;
        return { code: error.exitCode, out: short(io.out()), err: short(io.err() + renderError(error)) };
      }
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
};

export const machine = (cores: number, metadata: object = {}): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', ...metadata },
  spec: {
    runStrategy: 'Halted',
    template: { spec: { domain: { cpu: { cores }, memory: { guest: '1Gi' }, devices: {} } } },
  },
});

export const exception = (spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind: 'VirtualMachinePolicyException',
  metadata: { name: 'db-bigger', namespace: 'default', ...metadata },
  spec: {
    policies: [{ name: 'vm-size' }],
    match: { names: ['web'] },
    reason: 'until the database is split',
    owner: 'team-db@example.com',
    expiresAt: '2027-01-31T00:00:00Z',
    ...spec,
  },
});
