import { RULES } from '../src/validators/rules.js';

const MARGIN = 112;

const wrapped = (words: readonly string[]): string => {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > MARGIN) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
};

/** src/validators/rule-ids.ts: who knows the ids only need not load what checks objects. */
export const ruleIds = (): string => `// Made by \`npm run generate\` from src/validators. Do not edit.

/** The ids of the table of rules, in its order, for who need not load what checks objects. */
export const RULE_IDS: readonly string[] = \`
${wrapped([...new Set(RULES.map(({ id }) => id))])}
\`
  .trim()
  .split(/\\s+/);
`;
