/**
 * The file of a thread of ours, which begins with one: beside the built program. Who runs from source builds it first
 * (scripts/build.mjs).
 */
export const workerFile = (
  name: 'liveness-worker' | 'command-worker' | 'network-worker' | 'network-set-up' | 'network-dial',
): URL => new URL(`${import.meta.url.endsWith('.ts') ? '../../../dist' : '.'}/${name}.cjs`, import.meta.url);
