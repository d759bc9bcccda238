/** The viewers that `--vnc-type` names; virtctl's words. */
export const VIEWER_KINDS = ['remote-viewer', 'tiger', 'real', 'chicken'] as const;
export type ViewerKind = (typeof VIEWER_KINDS)[number];

export const isViewerKind = (word: string): word is ViewerKind => VIEWER_KINDS.some((kind) => kind === word);
