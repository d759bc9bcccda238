import { invalid } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';

export const graphicsRules = [
  instanceRule({
    id: 'dev.graphics-alias',
    field: '$.domain.devices.autottachGraphicsDevice',
    source: 'docs/reference/density-and-cpu.md §6.1 (E-CON-1)',
    summary: 'the misspelt `autottachGraphicsDevice` beside an `autoattachGraphicsDevice` of another value',
    check: ({ path, spec }) => {
      const { autoattachGraphicsDevice: right, autottachGraphicsDevice: misspelt } = spec.domain.devices;
      return misspelt === undefined || right === undefined || misspelt === right
        ? []
        : [
            invalid(
              `${path}.domain.devices.autottachGraphicsDevice`,
              `is ${String(misspelt)}, but autoattachGraphicsDevice is ${String(right)}: remove this misspelling of it`,
            ),
          ];
    },
  }),
];
