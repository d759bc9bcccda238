import { admit } from '../src/admission/admit.js';
import { WARNING_EXAMPLES } from '../src/admission/warnings/examples.js';
import { renderWarning, WARNINGS } from '../src/admission/warnings/index.js';
import type { Warning } from '../src/admission/warnings/warning.js';
import { sourceLinks } from '../src/explain/source.js';
import { resolveClusterConfig } from '../src/api/settings/cluster-config.js';
import { Annotation } from '../src/api/names.js';
import { manifest } from '../src/validators/rule/example-manifest.js';

/** docs/warnings.md: each warning as admission gives it for its example, so that the page cannot say another thing. */

const SHORT: Readonly<Record<string, string>> = {
  VirtualMachineInstance: 'VMI',
  VirtualMachine: 'VM',
  VirtualMachineInstanceReplicaSet: 'RS',
  KubeVirt: 'KubeVirt',
};

const textOf = (id: string): string => {
  const example = WARNING_EXAMPLES[id];
  if (example === undefined) throw new Error(`warning ${id} has no example in src/admission/warnings/examples.ts`);
  const { kind = 'VirtualMachineInstance', warns } = example;
  const { warnings } = admit(
    { kind, operation: 'CREATE', object: manifest(warns[0], kind) },
    { config: resolveClusterConfig(), newUuid: () => '00000000-0000-4000-8000-000000000001' },
  );
  const own = warnings.find((warning) => warning.id === id);
  if (own === undefined) throw new Error(`the example of warning ${id} does not give it`);
  return renderWarning(own);
};

/** Of a table: a bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = ({ id, told, when, kinds, source }: Warning): string =>
  `| \`${id}\` | ${told} | ${cell(when)} | ${kinds.map((kind) => SHORT[kind] ?? kind).join(', ')} | ${cell(textOf(id))} | ${cell(sourceLinks(source))} |`;

export const warningsPage =
  (): string => `<!-- Made by \`npm run generate\` from src/admission/warnings. Do not edit. -->
# Warnings

What admission allows and finds worth a word. A plain, sensible VM is admitted in silence:

* Told at **apply**: what is a mistake, does nothing or will surprise. \`kubectl\` prints each as \`Warning: …\`, once for one command. An
  update gets them when it changes the spec (or an annotation that they are about): a label, a start or a scaling does not bring them up again.
* Told by **lint**: advice about what may well be meant so. \`kubectl virt lint\` prints it, with all the others, and it does not change its
  exit code; in the cluster it is the event \`Advice\` of the VM at each start (\`kubectl describe vm\`).

An object that is refused gets its errors only. Our own programs get none.

A change of the template of a VM whose guest runs is reported by \`W-RUN-1\`: it names the field and that it takes effect when the guest is
started again. It is about an update, not about a manifest, so it is not in the table.

Every warning ends in its id. To have advice at each apply, name it in an annotation of the KubeVirt object, with commas or spaces between
the ids; \`*\` at the end stands for whatever follows:

\`\`\`
kubectl annotate kubevirt kubevirt -n kubevirt '${Annotation.warningsAtApply}=W-CPU-1, W-QOS-*'
\`\`\`

To switch warnings off for the whole cluster, name them in another, in the same way; they are then reported nowhere:

\`\`\`
kubectl annotate kubevirt kubevirt -n kubevirt '${Annotation.disabledWarnings}=W-CPU-1, W-MEM-*'
kubectl annotate kubevirt kubevirt -n kubevirt '${Annotation.disabledWarnings}=*'      # all
\`\`\`

They are annotations because KubeVirt's API, which is kept as it is, has no field for it. \`kubectl virt lint --config kubevirt.yaml\` heeds them.

| Id | Told by | When | Kinds | Text (of an example) | Source |
| --- | --- | --- | --- | --- | --- |
${WARNINGS.map(row).join('\n')}

Not here: \`W-MEM-4\` (no memory given), because such a VM is refused (rule \`mem.none\`), and what only a node knows, which is told by
its agent: \`W-CPU-2\` is the event \`GuestVCPUsExceedCores\` of the instance that starts there; \`W-EVC-1\`, \`W-EVC-2\`, \`W-RES-1\`, \`W-SWP-1\` and
\`W-SWP-2\` are events of the Node ([troubleshooting](troubleshooting.md#events-of-a-node)). \`W-MON-1\` is of an arrangement that does not exist here: each
VM is measured in its own pod.
`;
