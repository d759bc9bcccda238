import type { GlobalFlags } from '../global-flags.js';

interface ManifestFlags {
  namespace?: string;
  files?: string[];
  filename?: string[];
  config?: string;
  instancetypes?: string[];
}

/** Of `lint` and `explain-admission`. */
export interface CheckFlags extends ManifestFlags {
  output: string;
  quiet?: boolean;
}

export interface LintFlags extends CheckFlags, Omit<GlobalFlags, 'namespace'> {
  policy?: string[];
  exceptions?: string[];
  'namespace-labels'?: string[];
  now?: string;
  strict?: boolean;
}

export interface ExplainFlags {
  id?: string;
  output: string;
}

export interface RenderFlags extends ManifestFlags {
  output: 'mutated' | 'pod' | 'domain';
}

export interface RunFlags extends ManifestFlags {
  volume?: string[];
  tty: boolean;
  command?: string;
  prompt: string;
  timeout: string;
  escape: string;
}
