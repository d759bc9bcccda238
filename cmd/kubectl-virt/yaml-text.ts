import { Document, Scalar, visit } from 'yaml';
import { needsQuotes } from '../../src/api/yaml/resolve-scalar.js';
import { isVisibleLine, visibleYaml } from '../../src/api/visible-text.js';

/**
 * YAML of plain data in which everything is seen: a text with a hidden character is double-quoted, where YAML has
 * escapes for it. So is one that kubectl would take for something else, such as `no` and `0123`.
 */
export const yamlText = (value: unknown): string => {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value !== 'string') return;
      if (!needsQuotes(scalar.value) && isVisibleLine(scalar.value.replaceAll(/[\n\t]/g, ''))) return;
      scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return visibleYaml(document.toString({ lineWidth: 0 }));
};
