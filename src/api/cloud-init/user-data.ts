import { CLOUD_CONFIG_KEYS, KEYS_OF_OTHER_READERS } from './keys.js';
import type { CloudInitProblem, CloudInitProblemKind } from './problem.js';
import { readMap, unknownKeys } from './read-map.js';

/*
 * User data as cloud-init takes them: their beginning says what they are (cloudinit/handlers/__init__.py,
 * INCLUSION_TYPES_MAP: compared in lower case, leading space aside). Where none is known, cloud-init says so in a log
 * that nobody sees, and the guest starts without them.
 */

const CONFIG = '#cloud-config';

/** What else begins data that somebody reads. Longer ones first where one begins as another does. */
const OTHERS = [
  '#cloud-config-archive',
  '#cloud-config-jsonp',
  '#cloud-boothook',
  '#include',
  '#part-handler',
  '#upstart-job',
  '#!',
  '## template: jinja',
  // cloudbase-init, in Windows.
  '#ps1',
  'rem cmd',
  '<powershell>',
  '<script>',
  // Ignition, and other JSON.
  '{',
];

/** How much of the text cloud-init looks at for a MIME message. */
const MIME_BEGINNING = 4096;

/** What is nearly the first line, as people write it. */
const NEARLY = /^#+\s*cloud[-_ ]?config\b/i;

const at = (kind: CloudInitProblemKind, line: number, message: string): CloudInitProblem => ({
  ...{ kind, line, column: 1, message },
});

const IGNORED = 'cloud-init ignores the user data';

const cloudConfig = (text: string): readonly CloudInitProblem[] => {
  const read = readMap(text, 'the user data');
  if (read.keys.some(({ name }) => KEYS_OF_OTHER_READERS.has(name))) return read.problems;
  return [...read.problems, ...unknownKeys(read, read.keys, CLOUD_CONFIG_KEYS, 'cloud-config')];
};

/** Of a text with a beginning that nobody knows. */
const unrecognized = (text: string): CloudInitProblem => {
  const lines = text.split('\n', 200).map((line) => line.trim());
  const first = lines.findIndex((line) => line !== '');
  if (NEARLY.test(lines[first] ?? '') || text.startsWith('\ufeff'))
    return at('format', first + 1, `not the first line that cloud-init looks for: write ${CONFIG}, as it stands here`);
  const header = lines.findIndex((line) => NEARLY.test(line));
  if (header > 0) return at('format', header + 1, `${CONFIG} has to be the first line; ${IGNORED} otherwise`);
  if (/^content-type:\s*multipart/i.test(lines[first] ?? ''))
    return at('format', first + 1, `no MIME-Version: 1.0 among these lines, and ${IGNORED} without it`);
  const known = readMap(text, 'the user data').keys.some(({ name }) => CLOUD_CONFIG_KEYS.has(name));
  return known
    ? at('format', first + 1, `not ${CONFIG}, which has to be the first line; ${IGNORED} without it`)
    : at('unknown-format', first + 1, `nothing that cloud-init knows, such as ${CONFIG} or #!/bin/sh: it ignores it`);
};

/** What is wrong with user data. Of scripts, archives, messages and packed data nothing but their beginning is read. */
export const userDataProblems = (text: string): readonly CloudInitProblem[] => {
  const beginning = text.slice(0, MIME_BEGINNING).toLowerCase();
  const trimmed = beginning.trimStart();
  if (trimmed === '' || beginning.includes('mime-version:')) return [];
  // A mark of the order of bytes is a space to JavaScript, and none to Python.
  if (!beginning.startsWith('\ufeff')) {
    if (OTHERS.some((known) => trimmed.startsWith(known))) return [];
    if (trimmed.startsWith(CONFIG)) return cloudConfig(text);
  }
  return [unrecognized(text)];
};
