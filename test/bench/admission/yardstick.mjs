/*
 * The yardstick: the least that an HTTPS server in Node does with a JSON body, which is to parse it and to write it
 * back. Plain JavaScript, so that nothing but node:https is measured. `node yardstick.mjs CERT KEY` prints its port.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [, , cert, key] = process.argv;
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ msg: 'serving', address: `:${server.address().port}` })),
);
