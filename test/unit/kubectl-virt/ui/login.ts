import { request } from 'node:http';

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as whoever reaches the port can send it: every header is the caller's. */
export const send = (at: URL, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      { host: at.hostname, port: at.port, method, path, headers: { host: at.host, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

export interface Login {
  /** Path that the page lies at. */
  readonly root: string;
  readonly cookie: string;
  /** The whole header of the server. */
  readonly setCookie: string;
}

/** What a browser does with the link. */
export const logIn = async (link: URL): Promise<Login> => {
  const { headers } = await send(link, `${link.pathname}${link.search}`);
  const setCookie = headers['set-cookie']?.[0] ?? '';
  const [cookie = ''] = setCookie.split(';');
  return { cookie, setCookie, root: /Path=([^;]+)/.exec(setCookie)?.[1] ?? '' };
};
