import { ExitCode, UsageError } from '../errors.js';
import { note, print } from '../io.js';
import type { Io } from '../io.js';
import { admitAll, clusterConfig, readConfig, renderFinding } from './admission.js';
import type { LintFlags } from './flags.js';
import { readManifests } from './manifests.js';

/** `lint`: exit code 0 without errors, 1 with, 2 when it could not check. Warnings alone are no failure. */
export const lint = async (io: Io, flags: LintFlags): Promise<number> => {
  if (flags.output !== 'text' && flags.output !== 'json') {
    throw new UsageError(`unsupported output format "${flags.output}"`, { remedy: 'Use -o text or -o json.' });
  }
  const config = clusterConfig(await readConfig(io, flags.config));
  const { admitted, findings, others } = admitAll(await readManifests(io, flags), config);
  const all = [...findings, ...admitted.flatMap((each) => each.findings)].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  const errors = all.filter(({ severity }) => severity === 'error').length;
  if (flags.output === 'json')
    print(io, JSON.stringify({ findings: all, checked: admitted.length, skipped: others.length }, null, 2));
  else for (const finding of all) print(io, renderFinding(finding));
  for (const { file, object, positionOf } of others) {
    const { line } = positionOf('');
    note(io, `${file}:${line}: not checked: ${String(object.apiVersion)} ${String(object.kind)} is of another API`);
  }
  if (flags.output === 'text') {
    const warnings = all.length - errors;
    note(io, `${count(admitted.length, 'object')} checked, ${count(errors, 'error')}, ${count(warnings, 'warning')}`);
  }
  return errors === 0 ? ExitCode.ok : ExitCode.failure;
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
