/** What a guest may ask the agent in a second: a boot needs a dozen packets. More is dropped by the kernel. */
export const ASK_LIMIT = 'limit rate 20/second burst 40 packets';

export const chain = (name: string, hook: string, rules: readonly string[]): string =>
  [`  chain ${name} {`, `    type ${hook};`, ...rules.map((rule) => `    ${rule}`), '  }'].join('\n');
