/** Filled in by scripts/build.mjs; the fallbacks are for running from source. */
declare const __VERSION__: string | undefined;
declare const __COMMIT__: string | undefined;
declare const __BUILD_DATE__: string | undefined;

export const buildInfo = {
  version: typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source',
  commit: typeof __COMMIT__ === 'string' ? __COMMIT__ : '',
  buildDate: typeof __BUILD_DATE__ === 'string' ? __BUILD_DATE__ : '',
} as const;
