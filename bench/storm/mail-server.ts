import net from 'node:net';
import { between } from '../chance.ts';

/** A mail that the server has taken for good. */
interface Taken {
  messageId: string;
  recipient: string;
  /** The connection ended before the client showed that it had heard of it. */
  isAnswerLost: boolean;
}

export interface StormyServer {
  url: string;
  taken: Taken[];
  /** How often it answered what, by the first digit or `hung up`. */
  answers: Record<string, number>;
  /** Ends all connections and takes no more until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
}

/** Recipients for whom there is never a mailbox, and mails that are never wanted. */
export const REFUSED_RECIPIENT = /-(\d*)7@nowhere\./u;
export const REFUSED_TEXT = /-(\d*)3@nowhere\./u;

const DELAY_MS_MAX = 60;

/** What the weather is for one command: an answer, `hang up`, or nothing unusual. */
function moodOf(line: string, recipient: string, random: () => number): string | undefined {
  const dice = random();
  if (line === '' && dice < 0.02) return '421 4.3.2 come again later';
  if (line.startsWith('MAIL') && dice < 0.01) return '451 4.7.1 greylisted';
  if (line.startsWith('RCPT')) {
    if (REFUSED_RECIPIENT.test(recipient)) return '550 5.1.1 no such mailbox';
    if (dice < 0.03) return '450 4.2.1 try again later';
    if (dice < 0.04) return '550 5.7.1 relaying denied, for now';
  }
  if (line === '.') {
    if (REFUSED_TEXT.test(recipient)) return '554 5.6.0 this is not wanted';
    if (dice < 0.02) return '451 4.3.0 local error';
    if (dice < 0.03) return 'hang up';
  }
  return undefined;
}

/**
 * Starts a mail server with the weather of a bad day: it is slow, busy, greylists, refuses for now
 * and for good, hangs up, also after it has taken a mail, and notes every mail that it took.
 */
export async function startStormyServer(random: () => number): Promise<StormyServer> {
  const taken: Taken[] = [];
  const answers: Record<string, number> = {};
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    converse(socket, { random, taken, answers });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    answers,
    open: () => (server.listening ? Promise.resolve() : listen(port)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Weather {
  random: () => number;
  taken: Taken[];
  answers: Record<string, number>;
}

/** One connection, a command at a time. */
function converse(socket: net.Socket, { random, taken, answers }: Weather): void {
  let [rest, recipient, text] = ['', '', ''];
  let isText = false;
  let latest: Taken | undefined;
  const say = (line: string, usual: string) => {
    const answer = moodOf(line, recipient, random) ?? usual;
    const kind = answer === 'hang up' ? answer : answer.charAt(0);
    answers[kind] = (answers[kind] ?? 0) + 1;
    const isTaken = line === '.' && (answer === 'hang up' || answer.startsWith('2'));
    if (isTaken) {
      const messageId = /^Message-ID:\s*(<[^>]+>)/imu.exec(text)?.[1] ?? '';
      latest = { messageId, recipient, isAnswerLost: true };
      taken.push(latest);
    }
    if (answer === 'hang up') socket.destroy();
    else setTimeout(() => socket.write(`${answer}\r\n`), slowness(line, random));
    return answer;
  };
  const hear = (line: string) => {
    if (isText && line !== '.') {
      text += `${line}\n`;
      return;
    }
    if (latest !== undefined) latest.isAnswerLost = false;
    latest = undefined;
    if (isText) {
      isText = false;
      say('.', '250 taken');
      return;
    }
    recipient = /^RCPT TO:<(.*)>/iu.exec(line)?.[1] ?? recipient;
    isText = say(line, line === 'DATA' ? '354 go on' : '250 yes').startsWith('354');
    text = '';
  };
  socket.on('data', (bytes) => {
    const lines = (rest + bytes.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
  say('', '220 stormy');
}

/** Some answers take their time. */
const slowness = (line: string, random: () => number) =>
  line === '.' && random() < 0.05 ? between(random, 1, DELAY_MS_MAX) : 0;
