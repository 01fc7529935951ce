// Servers that ICE asks: STUN of our own, which keeps who has asked, and coturn.

import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownAddress, until } from './harness.mjs';

const COOKIE = 0x2112a442;

/** A STUN server that tells everybody the same address (RFC 8489, section 14.2), and how many have asked. */
export async function stun(t, mapped = '203.0.113.9') {
  const socket = createSocket('udp4');
  const server = { asked: 0, mapped };
  socket.on('message', (question, { port, address }) => {
    if (question.length < 20 || question.readUInt16BE(0) !== 1) return;
    server.asked++;
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    question.copy(answer, 4, 4, 20);
    answer.writeUInt32BE(0x00200008, 20);
    answer.writeUInt16BE(1, 24);
    answer.writeUInt16BE(port ^ (COOKIE >>> 16), 26);
    const number = mapped.split('.').reduce((all, part) => all * 256 + Number(part), 0);
    answer.writeUInt32BE((number ^ COOKIE) >>> 0, 28);
    socket.send(answer, port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => socket.close(resolve)));
  server.url = `stun:127.0.0.1:${socket.address().port}`;
  return server;
}

/** coturn on this machine's own address, for one test; none, and says so, where it is not installed. */
export async function turn(t) {
  if (spawnSync('turnserver', ['--version']).error) {
    t.skip('turnserver (Debian: coturn) is not installed');
    return null;
  }
  const address = ownAddress();
  const port = await new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, () => { const { port } = socket.address(); socket.close(() => resolve(port)); });
  });
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-turn-'));
  const config = join(folder, 'turnserver.conf');
  writeFileSync(config, [
    `listening-port=${port}`, `listening-ip=${address}`, `relay-ip=${address}`, 'realm=test', 'lt-cred-mech', 'user=viewer:secret',
    'allow-loopback-peers', 'no-cli', 'no-tls', 'no-dtls', 'verbose', 'simple-log', `log-file=${join(folder, 'log')}`,
    `pidfile=${join(folder, 'pid')}`, `userdb=${join(folder, 'users')}`, 'relay-threads=1', '',
  ].join('\n'));
  const child = spawn('turnserver', ['-c', config], { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve()));
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => {
    try { return /relay|listener/i.test(readFileSync(join(folder, 'log'), 'utf8')); } catch { return false; }
  }, 'coturn does not start');
  return { urls: `turn:${address}:${port}`, username: 'viewer', credential: 'secret' };
}
