import { expansionOf } from '../../../src/admission/expansion.js';
import { changesBetween } from '../../../src/admission/trace.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { note, type Io } from '../io.js';
import type { Admitted } from './admission.js';
import { describeChange } from './describe-change.js';
import { nameOf } from './findings.js';

const changeText = (vm: VirtualMachine, expanded: VirtualMachine): string =>
  changesBetween(vm.spec.template.spec, expanded.spec.template.spec).map(describeChange).join('; ');

/** Says what instance type and preference make of each VM. */
export const noteExpansions = (io: Io, admitted: readonly Admitted[], config: ClusterConfig): void => {
  for (const { kind, object, manifest, instancetypes, findings } of admitted) {
    if (kind !== 'VirtualMachine' || findings.some(({ severity }) => severity === 'error')) continue;
    const vm = object as VirtualMachine;
    const expansion = expansionOf(vm, undefined, { config, instancetypes });
    const { instancetype, preference } = expansion?.applied ?? {};
    const names = [instancetype, preference].flatMap((one) => (one === undefined ? [] : [`${one.kind} ${one.name}`]));
    if (expansion === undefined || names.length === 0) continue;
    const place = `${manifest.file}:${manifest.positionOf('').line}`;
    const what = changeText(vm, expansion.vm);
    note(
      io,
      visibleLine(
        `${place}: VirtualMachine ${nameOf(manifest.object)} with ${names.join(' and ')}: ${what || 'as it is'}`,
      ),
    );
  }
};
