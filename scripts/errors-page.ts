import { CLOSE_CODES, type CloseWord } from '../src/agent-api/stream.js';
import { REFUSAL_CAUSES } from '../src/agent-api/refusal.js';
import { SUBRESOURCES } from '../src/agent-api/subresources.js';
import { SUBRESOURCE_GROUP } from '../src/api/names.js';
import { STATUS_REASONS } from '../src/api/status.js';

/** docs/errors.md: what our servers answer when they cannot do what was asked, from the tables that they answer by. */

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const reasons = Object.entries(STATUS_REASONS).map(([reason, { code, meaning, remedy }]) =>
  row(code, `\`${reason}\``, meaning, remedy),
);

const causes = Object.entries(REFUSAL_CAUSES).map(([reason, meaning]) => row(`\`${reason}\``, meaning));

const closes = (Object.keys(CLOSE_CODES) as CloseWord[]).map((word) => {
  const entry = CLOSE_CODES[word];
  const remedy = 'remedy' in entry ? entry.remedy : entry.ending === 'failure' ? 'See the reason.' : 'Nothing.';
  return row(entry.code, entry.meaning, remedy);
});

const subresources = SUBRESOURCES.map(({ resource, subresource, method, verb, role, summary, options }) => {
  const fields = Object.keys(options).map((name) => `\`${name}\``);
  return row(`\`${resource}/${subresource}\``, method, verb, role, summary, fields.join(', ') || '–');
});

export const errorsPage =
  (): string => `<!-- Made by \`npm run generate\` from src/api/status.ts and src/agent-api. Do not edit. -->
# Subresources and errors

## Subresources

Of the group \`${SUBRESOURCE_GROUP}\`. Role: the least of the built-in roles that may (admin may what edit may, edit what view may).
Options are the fields of the body, JSON or YAML; another field is refused.

| Subresource | Method | Verb | Role | What it does | Options |
| --- | --- | --- | --- | --- | --- |
${subresources.join('\n')}

## Answers

Every failure is a \`Status\` of Kubernetes with a code, a reason and a message that names what is wrong. \`kubectl virt\` prints the message.

| Code | Reason | What it means | What to do |
| --- | --- | --- | --- |
${reasons.join('\n')}

A guest that cannot be reached now is distinguished by the \`reason\` in \`details.causes\`; virtctl opens a console again and
again on 400 and on nothing else, so what may yet run is a 400.

| Reason of the cause | What it means |
| --- | --- |
${causes.join('\n')}

## Why a console ends

A console is a WebSocket; the close frame's code says why it ended, its reason says so in words.

| Code | What it means | What to do |
| --- | --- | --- |
${closes.join('\n')}
`;
