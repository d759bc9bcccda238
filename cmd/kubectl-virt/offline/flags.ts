interface ManifestFlags {
  namespace?: string;
  files?: string[];
  filename?: string[];
  config?: string;
}

export interface LintFlags extends ManifestFlags {
  output: string;
  quiet?: boolean;
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
