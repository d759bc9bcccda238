import type { Refusal } from '../shared/protocol.js';

/** A call that did not work, in words for the user. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/** Has the plugin do something. @throws CallError */
export const call = async <Answer>(path: string, request: object): Promise<Answer> => {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  } catch {
    throw new CallError('The plugin does not answer.', 'Is kubectl virt ui still running?');
  }
  if (response.ok) return (await response.json()) as Answer;
  const text = await response.text();
  try {
    const { message, remedy } = JSON.parse(text) as Refusal;
    throw new CallError(message, remedy);
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError(text);
  }
};

/** Where a WebSocket of the plugin is. */
export const socketUrl = (...path: string[]): URL => {
  const url = new URL(path.map(encodeURIComponent).join('/'), location.href);
  url.protocol = 'ws:';
  url.hash = '';
  return url;
};
