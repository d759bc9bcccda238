import { readdirSync } from 'node:fs';
import type { Command } from '../cmd/kubectl-virt/command.js';

/** The plugin's commands as they lie in cmd/kubectl-virt/commands/, and the list that is made of them. */

const INDEX = 'index.ts';
const directory = new URL('../cmd/kubectl-virt/commands/', import.meta.url);

/** `soft-reboot` of soft-reboot.ts; of a command of two words, `policy-test` of `policy test`. */
export const commandFiles = (): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.ts') && file !== INDEX)
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/** The commands that the files declare. @throws Error where a file declares none, or one of another name */
export const loadCommands = async (): Promise<Command[]> =>
  Promise.all(
    commandFiles().map(async (name) => {
      const { command } = (await import(new URL(`${name}.ts`, directory).href)) as { command?: Command };
      if (command?.name.replace(' ', '-') !== name) {
        throw new Error(`cmd/kubectl-virt/commands/${name}.ts has to export \`command\` with the name "${name}"`);
      }
      return command;
    }),
  );

const camelCase = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** commands/index.ts: static, so that the bundle needs no directory. */
export const commandsIndex = (): string => {
  const names = commandFiles();
  const imports = names.map((name) => `import { command as ${camelCase(name)} } from './${name}.js';`);
  return [
    '// Made by `npm run generate` from the files beside it. Do not edit.',
    "import type { Command } from '../command.js';",
    ...imports,
    '',
    '/** Every command of the plugin. */',
    'export const COMMANDS: readonly Command[] = [',
    ...names.map((name) => `  ${camelCase(name)},`),
    '];',
    '',
  ].join('\n');
};
