import { connect } from 'node:net';

/** What a server says of itself until it ends the connection, or why there is none. Never rejects. */
export const greeting = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 10_000 });
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', (error) => resolve(error.message));
    socket.on('timeout', () => socket.destroy(new Error('silence')));
  });
