import { instanceRule, invalid } from '../rule/rule.js';

export const graphicsRules = [
  {
    ...instanceRule(
      'dev.graphics-alias',
      '$.domain.devices.autottachGraphicsDevice',
      '',
      'the misspelt `autottachGraphicsDevice` beside an `autoattachGraphicsDevice` of another value',
      ({ path, spec }) => {
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
    ),
    source: 'spec/density-and-cpu.md §6.1 (E-CON-1)',
  },
];
