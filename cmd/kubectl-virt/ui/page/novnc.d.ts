declare module '@novnc/novnc' {
  /** What of noVNC's RFB is used. Source: its docs/API.md. */
  // eslint-disable-next-line no-restricted-syntax -- as the package has it.
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: WebSocket, options?: { shared?: boolean });
    scaleViewport: boolean;
    viewOnly: boolean;
    background: string;
    focusOnClick: boolean;
    focus(): void;
    blur(): void;
    disconnect(): void;
    sendCtrlAltDel(): void;
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string): void;
  }
}
