// Signaling servers as small as they are found beside tutorials, on one port with their pages: a relay, a channel that keeps its
// pages apart, and one that forwards between users.

import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { root } from './harness.mjs';

const PAGES = join(root, 'tests', 'browser', 'pages');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

const serveFile = (request, response) => {
  const path = normalize(join(PAGES, new URL(request.url, 'http://here').pathname));
  if (!path.startsWith(PAGES) || !existsSync(path) || !TYPES[extname(path)]) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': TYPES[extname(path)], 'Cache-Control': 'no-store' });
  createReadStream(path).pipe(response);
};

/** A server on `port`, 0 for a free one. `hear(text, socket, all)` says what becomes of a message. */
async function start(hear, port = 0, left = () => {}) {
  const http = createServer(serveFile);
  const sockets = new WebSocketServer({ server: http });
  const messages = [];
  sockets.on('connection', (socket, request) => {
    // Pages come from a page; the host has no origin.
    socket.isPage = request.headers.origin !== undefined;
    socket.on('message', (data) => {
      messages.push(String(data));
      hear(String(data), socket, [...sockets.clients]);
    });
    socket.on('close', () => left(socket));
    socket.on('error', () => {});
  });
  await new Promise((resolve) => http.listen(port, '127.0.0.1', resolve));
  const address = `127.0.0.1:${http.address().port}`;
  return {
    url: `ws://${address}`,
    pages: `http://${address}`,
    port: http.address().port,
    messages,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Repeats everything to all others. `fields`: knows these only, and sends them all, as a server with a typed message does. */
export const relay = ({ fields, port } = {}) => start((text, from, all) => {
  let message = text;
  if (fields) {
    const known = JSON.parse(text);
    message = JSON.stringify(Object.fromEntries(fields.map((field) => [field, known[field] ?? ''])));
  }
  for (const other of all) if (other !== from) other.send(message);
}, port);

/** Repeats what the host says to the pages, and what a page says to the host. */
export const star = () => start((text, from, all) => {
  for (const other of all) if (other.isPage !== from.isPage) other.send(text);
});

/** Forwards between users who have signed in. */
export const forwarder = ({ port } = {}) => {
  const users = new Map();
  return start((text, from) => {
    const message = JSON.parse(text);
    if (message.type === 'SignIn') users.set(message.username, from);
    else users.get(message.target)?.send(text);
  }, port, (socket) => {
    for (const [name, own] of users) if (own === socket) users.delete(name);
  });
};
