/*
 * Express brings body-parser along, and that a megabyte of code pages of the world. Nobody here uses it: src/webhook/admission/body.ts
 * says why. Left out of the bundle, the webhook starts a tenth faster. Whoever wants it anyway learns so at once.
 */
for (const name of ['json', 'raw', 'text', 'urlencoded']) {
  exports[name] = () => {
    throw new Error(
      `express.${name}() is not in the bundle (scripts/no-body-parser.cjs): read bodies with src/webhook/admission/body.ts`,
    );
  };
}
